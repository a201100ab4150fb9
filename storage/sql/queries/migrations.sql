-- name: take_turns
SELECT pg_advisory_lock(hashtext('waihu schema'));

-- name: create_register
CREATE TABLE IF NOT EXISTS schema_migration (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: applied
SELECT name, sha256 FROM schema_migration ORDER BY name;

-- name: register
INSERT INTO schema_migration (name, sha256) VALUES ($1, $2);
