-- name: know_zone
SELECT now() AT TIME ZONE $1;

-- name: create_campaign
INSERT INTO campaign (id, name, mode, state, opens, closes, weekdays, zone, max_attempts, min_gap,
    delays, ring_timeout_s, lines, max_cps, abandon_target, patience_s, wrap_up_limit_s, script_id,
    caller_id, record, created_at, changed_at)
SELECT $1, $2, $3, 'draft', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
    $19, moment, moment
FROM coalesce($20::timestamptz, clock_timestamp()) AS moment
ON CONFLICT (name) DO NOTHING
RETURNING *;

-- name: campaign
SELECT * FROM campaign WHERE id = $1;

-- name: find_campaign
SELECT * FROM campaign WHERE name = $1;

-- name: campaigns
SELECT * FROM campaign ORDER BY created_at DESC, id DESC;

-- name: lock_campaign
-- Waits for claims in progress, which hold the row FOR SHARE.
SELECT * FROM campaign WHERE id = $1 FOR NO KEY UPDATE;

-- name: set_state
UPDATE campaign SET state = $2, changed_at = coalesce($3::timestamptz, clock_timestamp())
WHERE id = $1
RETURNING *;

-- name: forget_filter_form
DELETE FROM filter_form WHERE id = $1 OR name = $2;

-- name: insert_filter_form
INSERT INTO filter_form (id, name, condition) VALUES ($1, $2, $3);

-- name: filter_form
SELECT id, name, condition FROM filter_form WHERE name = $1;

-- name: insert_allocation
INSERT INTO allocation (id, campaign_id, batch_id, target, agents, condition, most, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8::timestamptz, clock_timestamp()))
ON CONFLICT (id) DO NOTHING
RETURNING created_at;

-- name: allocation
SELECT id, campaign_id, matched, allocated, suppressed, created_at FROM allocation WHERE id = $1;

-- name: unknown_agents
SELECT count(*) FROM unnest($1::uuid[]) AS wanted (id)
WHERE NOT EXISTS (SELECT FROM agent a WHERE a.id = wanted.id);

-- name: extract
-- Names recalled before they were dialed may be extracted again.
WITH matched AS (
    SELECT m.id, m.phone, m.row_no
    FROM list_member m
    WHERE m.batch_id = $3 AND {condition} AND NOT EXISTS (
        SELECT FROM lead l
        WHERE l.campaign_id = $2 AND l.member_id = m.id AND l.state <> 'taken-back'
    )
), taken AS (
    SELECT * FROM matched ORDER BY row_no LIMIT $4
), held AS (
    SELECT s.phone, max(coalesce(s.expires_at, 'infinity')) AS until
    FROM suppression s
    WHERE s.campaign_id IS NULL OR s.campaign_id = $2
    GROUP BY s.phone
), dealt AS (
    SELECT t.id, t.phone, t.row_no, held.until,
        coalesce(held.until = 'infinity', false) AS suppressed,
        row_number() OVER (
            PARTITION BY coalesce(held.until = 'infinity', false) ORDER BY t.row_no) - 1 AS turn
    FROM taken t LEFT JOIN held ON held.phone = t.phone
), given AS (
    INSERT INTO lead (id, campaign_id, member_id, allocation_id, phone, agent_id, state, due_at,
        changed_at)
    SELECT md5($2::uuid::text || d.id::text)::uuid, $2, d.id, $1, d.phone,
        CASE WHEN NOT d.suppressed AND cardinality($5::uuid[]) > 0
            THEN ($5::uuid[])[1 + d.turn % cardinality($5::uuid[])] END,
        CASE WHEN d.suppressed THEN 'suppressed' ELSE 'ready' END,
        CASE WHEN NOT d.suppressed THEN greatest($6::timestamptz, d.until) END,
        $6
    FROM dealt d
    ORDER BY d.row_no
    ON CONFLICT (campaign_id, member_id) DO UPDATE SET
        allocation_id = excluded.allocation_id, agent_id = excluded.agent_id,
        state = excluded.state, due_at = excluded.due_at, seq = DEFAULT,
        changed_at = excluded.changed_at
    WHERE lead.state = 'taken-back'
    RETURNING state
)
UPDATE allocation SET
    matched = (SELECT count(*) FROM matched),
    allocated = (SELECT count(*) FROM given WHERE state = 'ready'),
    suppressed = (SELECT count(*) FROM given WHERE state = 'suppressed')
WHERE id = $1
RETURNING id, campaign_id, matched, allocated, suppressed, created_at;

-- name: hold_back
-- Do-not-call entries that were committed while an extraction was not.
UPDATE lead l SET
    state = CASE WHEN s.expires_at IS NULL THEN 'suppressed' ELSE l.state END,
    due_at = CASE WHEN s.expires_at IS NULL THEN NULL ELSE greatest(l.due_at, s.expires_at) END,
    changed_at = coalesce($2::timestamptz, clock_timestamp())
FROM suppression s
WHERE l.campaign_id = $1 AND l.state = 'ready' AND s.phone = l.phone
    AND (s.campaign_id IS NULL OR s.campaign_id = $1)
    AND (s.expires_at IS NULL OR s.expires_at > l.due_at);

-- name: take_back
UPDATE lead SET state = 'taken-back', due_at = NULL,
    changed_at = coalesce($2::timestamptz, clock_timestamp())
WHERE campaign_id = $1 AND state = 'ready' AND attempts = 0
RETURNING id;

-- name: batches_of
SELECT batch_id FROM allocation
WHERE campaign_id = $1 AND allocated + suppressed > 0
GROUP BY batch_id
ORDER BY min(created_at), batch_id;

-- name: state_events
SELECT entity, entity_id, before, after, at FROM state_event
WHERE entity = $1 AND entity_id = $2
ORDER BY id;
