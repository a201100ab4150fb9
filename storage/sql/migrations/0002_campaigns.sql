-- Campaigns, allocations, names in a campaign (leads), dial attempts, do-not-call entries.

CREATE TABLE campaign (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT campaign_name UNIQUE,
    mode text NOT NULL CHECK (mode IN ('preview', 'progressive', 'power', 'predictive', 'robot')),
    state text NOT NULL CHECK (state IN
        ('draft', 'scheduled', 'running', 'paused', 'draining', 'finished', 'archived')),
    owner_epoch bigint REFERENCES engine,
    opens time NOT NULL,
    closes time NOT NULL,
    weekdays smallint[] NOT NULL
        CHECK (cardinality(weekdays) > 0 AND weekdays <@ '{1,2,3,4,5,6,7}'::smallint[]),
    zone text NOT NULL,
    max_attempts integer NOT NULL CHECK (max_attempts >= 1),
    min_gap interval NOT NULL CHECK (min_gap > '0'),
    delays jsonb NOT NULL,
    ring_timeout_s double precision NOT NULL CHECK (ring_timeout_s >= 15),
    lines integer NOT NULL CHECK (lines >= 1),
    max_cps double precision CHECK (max_cps > 0),
    abandon_target double precision NOT NULL CHECK (abandon_target BETWEEN 0 AND 0.1),
    patience_s double precision NOT NULL,
    wrap_up_limit_s double precision NOT NULL,
    script_id uuid REFERENCES script_version,
    caller_id text CHECK (caller_id ~ '^\+[1-9][0-9]{6,14}$'),
    record boolean NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CHECK (opens < closes),
    CHECK (mode <> 'robot' OR script_id IS NOT NULL)
);

CREATE TABLE allocation (
    id uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaign,
    batch_id uuid NOT NULL REFERENCES batch,
    target text NOT NULL CHECK (target IN ('agents', 'queue', 'robot')),
    agents uuid[] NOT NULL,
    condition jsonb NOT NULL,
    most integer CHECK (most >= 1),
    matched integer NOT NULL DEFAULT 0,
    allocated integer NOT NULL DEFAULT 0,
    suppressed integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    CHECK ((target = 'agents') = (cardinality(agents) > 0))
);

-- A name in a campaign. `due_at` is kept while DIALING: an attempt that turns out void gives
-- the name back as it was.
CREATE TABLE lead (
    id uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaign,
    member_id uuid NOT NULL REFERENCES list_member,
    allocation_id uuid NOT NULL REFERENCES allocation,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    phone text NOT NULL,
    agent_id uuid REFERENCES agent,
    state text NOT NULL CHECK (state IN
        ('ready', 'dialing', 'done', 'gave-up', 'suppressed', 'taken-back')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at timestamptz,
    last_attempt_id uuid,
    changed_at timestamptz NOT NULL,
    UNIQUE (campaign_id, member_id),
    CHECK (state <> 'ready' OR due_at IS NOT NULL),
    CHECK (state <> 'dialing' OR (attempts > 0 AND last_attempt_id IS NOT NULL))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
-- The order of dialing. The nil id stands for "queue or robot", so that equality finds it.
CREATE INDEX lead_ready ON lead (
    campaign_id, coalesce(agent_id, '00000000-0000-0000-0000-000000000000'), due_at, seq
) WHERE state = 'ready';
CREATE INDEX lead_dialing ON lead (campaign_id) WHERE state = 'dialing';
CREATE INDEX lead_phone ON lead (phone);

-- One dial, written before anything is sent. `state` is the rank of kernel.call.AttemptState.
-- `open` exists so that a change of state between two open ones touches no index (HOT).
CREATE TABLE attempt (
    id uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaign,
    lead_id uuid NOT NULL REFERENCES lead,
    phone text NOT NULL,
    attempt_no integer NOT NULL CHECK (attempt_no >= 1),
    state smallint NOT NULL CHECK (state IN (10, 20, 30, 40, 50, 60, 61, 90, 100, 101)),
    open boolean GENERATED ALWAYS AS (state < 90) STORED,
    epoch bigint NOT NULL REFERENCES engine,
    boot_id text NOT NULL,
    claimed_at timestamptz NOT NULL,
    deadline_at timestamptz NOT NULL,
    sent_at timestamptz,
    ringing_at timestamptz,
    early_at timestamptz,
    answered_at timestamptz,
    connected_at timestamptz,
    abandoned_at timestamptz,
    ended_at timestamptz,
    agent_id uuid,
    cause integer,
    sip_status integer,
    result text CHECK (result IN (
        'answered-human', 'answered-machine', 'busy', 'no-answer', 'rejected', 'unreachable',
        'suspended', 'empty-number', 'invalid', 'blocked', 'network-failure', 'abandoned',
        'cancelled', 'unknown')),
    changed_at timestamptz NOT NULL,
    CHECK ((result IS NOT NULL) = (state IN (90, 100))),
    CHECK ((ended_at IS NOT NULL) = (state IN (90, 100)))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE UNIQUE INDEX attempt_one_open_per_lead ON attempt (lead_id) WHERE open;
CREATE UNIQUE INDEX attempt_one_open_per_phone ON attempt (phone) WHERE open;
CREATE INDEX attempt_phone ON attempt (phone);
CREATE INDEX attempt_lead ON attempt (lead_id);
CREATE INDEX attempt_open ON attempt (campaign_id) WHERE open;
CREATE INDEX attempt_campaign ON attempt (campaign_id);

CREATE TABLE suppression (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    phone text NOT NULL,
    campaign_id uuid REFERENCES campaign,
    reason text NOT NULL,
    source uuid,
    at timestamptz NOT NULL,
    expires_at timestamptz
);
CREATE UNIQUE INDEX suppression_one ON suppression (
    phone, coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'));
