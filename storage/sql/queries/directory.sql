-- name: save_agent
INSERT INTO agent (id, name, address) VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address;

-- name: agents
SELECT id, name, address FROM agent ORDER BY name COLLATE "C", id;

-- name: save_user
INSERT INTO app_user (id, name, role, password_hash, agent_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role,
    password_hash = excluded.password_hash, agent_id = excluded.agent_id;

-- name: find_user
SELECT id, name, role, password_hash, agent_id FROM app_user WHERE name = $1;

-- name: take_turns
-- Publishers of one script name wait for each other until their transactions end.
SELECT pg_advisory_xact_lock(hashtextextended($1, 0));

-- name: newest_script
SELECT id, name, version, source, published_at FROM script_version
WHERE name = $1
ORDER BY version DESC
LIMIT 1;

-- name: insert_script
INSERT INTO script_version (id, name, version, source, published_at)
VALUES ($1, $2, $3, $4, coalesce($5::timestamptz, clock_timestamp()))
RETURNING id, name, version, source, published_at;

-- name: script
SELECT id, name, version, source, published_at FROM script_version WHERE id = $1;
