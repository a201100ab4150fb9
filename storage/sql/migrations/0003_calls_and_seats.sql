-- What calls leave behind, and agents' seats.

CREATE TABLE disposition (
    attempt_id uuid PRIMARY KEY REFERENCES attempt,
    agent_id uuid NOT NULL REFERENCES agent,
    code text NOT NULL,
    result text,
    note text NOT NULL,
    at timestamptz NOT NULL
);

CREATE TABLE recording (
    id uuid PRIMARY KEY,
    attempt_id uuid NOT NULL REFERENCES attempt,
    path text NOT NULL,
    seconds double precision NOT NULL CHECK (seconds >= 0),
    at timestamptz NOT NULL
);
CREATE INDEX recording_attempt ON recording (attempt_id);

CREATE TABLE conversation (
    attempt_id uuid PRIMARY KEY REFERENCES attempt,
    outcome text NOT NULL,
    results jsonb NOT NULL
);

CREATE TABLE transcript_turn (
    attempt_id uuid NOT NULL REFERENCES conversation,
    seq integer NOT NULL,
    at timestamptz NOT NULL,
    speaker text NOT NULL CHECK (speaker IN ('robot', 'callee')),
    text text NOT NULL,
    source text NOT NULL,
    confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    PRIMARY KEY (attempt_id, seq)
);

CREATE TABLE answer (
    attempt_id uuid NOT NULL REFERENCES conversation,
    question text NOT NULL,
    value text NOT NULL,
    raw text NOT NULL,
    source text NOT NULL,
    confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    at timestamptz NOT NULL,
    PRIMARY KEY (attempt_id, question)
);

-- The present state of each agent; its triggers write the intervals.
CREATE TABLE seat (
    agent_id uuid PRIMARY KEY REFERENCES agent,
    campaign_id uuid NOT NULL REFERENCES campaign,
    state text NOT NULL CHECK (state IN (
        'signed-out', 'connecting', 'ready', 'paused', 'previewing', 'reserved', 'talking',
        'wrap-up')),
    attempt_id uuid,
    reason text NOT NULL,
    since timestamptz NOT NULL
);

CREATE TABLE seat_interval (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agent_id uuid NOT NULL REFERENCES agent,
    campaign_id uuid NOT NULL REFERENCES campaign,
    state text NOT NULL CHECK (state <> 'signed-out'),
    attempt_id uuid,
    reason text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK (ended_at >= started_at)
);
CREATE UNIQUE INDEX seat_interval_one_open ON seat_interval (agent_id) WHERE ended_at IS NULL;
CREATE INDEX seat_interval_campaign ON seat_interval (campaign_id);
