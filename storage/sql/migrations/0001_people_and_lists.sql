-- Engines, people, lists and scripts.

-- Every start of an engine takes the next number; a lower one can no longer claim.
CREATE TABLE engine (
    epoch bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host text NOT NULL,
    started_at timestamptz NOT NULL
);

-- One row per state change of anything that has states; written by triggers only.
CREATE TABLE state_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity text NOT NULL,
    entity_id uuid NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX state_event_of ON state_event (entity_id, id);

CREATE TABLE agent (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    address text NOT NULL
);

CREATE TABLE app_user (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT app_user_name UNIQUE,
    role text NOT NULL CHECK (role IN ('administrator', 'manager', 'agent')),
    password_hash text NOT NULL,
    agent_id uuid REFERENCES agent
);

CREATE TABLE batch (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT batch_name UNIQUE,
    sheet text NOT NULL,
    header_row integer NOT NULL,
    members integer NOT NULL,
    rejected integer NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE source_file (
    batch_id uuid PRIMARY KEY REFERENCES batch ON DELETE CASCADE,
    name text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content bytea NOT NULL
);
-- A spreadsheet is compressed already.
ALTER TABLE source_file ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE batch_field (
    batch_id uuid NOT NULL REFERENCES batch ON DELETE CASCADE,
    position integer NOT NULL,
    key text NOT NULL,
    title text NOT NULL,
    sheet_column integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('phone', 'name', 'text', 'number')),
    PRIMARY KEY (batch_id, position),
    UNIQUE (batch_id, key)
);

CREATE TABLE list_member (
    id uuid PRIMARY KEY,
    batch_id uuid NOT NULL REFERENCES batch ON DELETE CASCADE,
    row_no integer NOT NULL,
    phone text NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    fields jsonb NOT NULL,
    UNIQUE (batch_id, row_no)
);

CREATE TABLE rejected_row (
    batch_id uuid NOT NULL REFERENCES batch ON DELETE CASCADE,
    position integer NOT NULL,
    row_no integer NOT NULL,
    cells jsonb NOT NULL,
    problems jsonb NOT NULL,
    PRIMARY KEY (batch_id, position)
);

CREATE TABLE filter_form (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT filter_form_name UNIQUE,
    condition jsonb NOT NULL
);

CREATE TABLE script_version (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    source text NOT NULL,
    published_at timestamptz NOT NULL,
    UNIQUE (name, version)
);
