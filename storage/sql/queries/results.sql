-- name: name_results
SELECT m.batch_id, m.row_no, l.phone, l.state, l.attempts, t.result, t.called_at,
    coalesce(extract(epoch FROM t.talk), 0)::double precision AS talk_s,
    coalesce(t.tag, '') AS tag,
    coalesce((
        SELECT jsonb_object_agg(s.question, s.value)
        FROM answer s WHERE s.attempt_id = t.conversation_id
    ), '{}') AS answers
FROM lead l
JOIN list_member m ON m.id = l.member_id
CROSS JOIN LATERAL (
    SELECT
        max(a.claimed_at) AS called_at,
        (array_agg(a.result ORDER BY a.attempt_no DESC)
            FILTER (WHERE a.result IS NOT NULL))[1] AS result,
        (array_agg(a.ended_at - a.answered_at ORDER BY a.attempt_no DESC)
            FILTER (WHERE a.answered_at IS NOT NULL AND a.ended_at IS NOT NULL))[1] AS talk,
        (array_agg(coalesce(d.code, nullif(c.outcome, 'open')) ORDER BY a.attempt_no DESC)
            FILTER (WHERE coalesce(d.code, nullif(c.outcome, 'open')) IS NOT NULL))[1] AS tag,
        (array_agg(c.attempt_id ORDER BY a.attempt_no DESC)
            FILTER (WHERE c.attempt_id IS NOT NULL))[1] AS conversation_id
    FROM attempt a
    LEFT JOIN disposition d ON d.attempt_id = a.id
    LEFT JOIN conversation c ON c.attempt_id = a.id
    WHERE a.lead_id = l.id AND a.state <> 101
) t
JOIN batch b ON b.id = m.batch_id
WHERE l.campaign_id = $1 AND ($2::uuid IS NULL OR m.batch_id = $2)
ORDER BY b.created_at, b.id, m.row_no;

-- name: attempt_history
SELECT a.id, m.batch_id, m.row_no, a.phone, a.claimed_at, a.sent_at, a.ringing_at, a.early_at,
    a.answered_at, a.connected_at, a.ended_at, a.result, a.cause, a.sip_status, a.agent_id
FROM attempt a
JOIN lead l ON l.id = a.lead_id
JOIN list_member m ON m.id = l.member_id
WHERE a.campaign_id = $1 AND a.state <> 101
ORDER BY a.claimed_at, a.id;

-- name: answer_sheet
SELECT m.row_no, a.phone, s.question, s.value, s.raw, s.source, s.confidence, s.at
FROM attempt a
JOIN answer s ON s.attempt_id = a.id
JOIN lead l ON l.id = a.lead_id
JOIN list_member m ON m.id = l.member_id
WHERE a.campaign_id = $1
ORDER BY m.row_no, s.at, s.question COLLATE "C";

-- name: lead_states
SELECT state, count(*) FROM lead WHERE campaign_id = $1 GROUP BY state;

-- name: attempt_counts
SELECT
    count(*) FILTER (WHERE state NOT IN (10, 101)) AS dialed,
    count(answered_at) AS answered,
    count(connected_at) AS connected,
    count(*) FILTER (WHERE coalesce(result = 'abandoned', abandoned_at IS NOT NULL)) AS abandoned,
    coalesce(sum(extract(epoch FROM ended_at - answered_at)), 0)::double precision AS talk_s,
    min(claimed_at) AS first_at,
    max(ended_at) AS last_at
FROM attempt
WHERE campaign_id = $1 AND state <> 101;

-- name: attempt_results
SELECT result, count(*) FROM attempt
WHERE campaign_id = $1 AND result IS NOT NULL
GROUP BY result;

-- name: survey
SELECT s.question, s.value, count(*)
FROM attempt a JOIN answer s ON s.attempt_id = a.id
WHERE a.campaign_id = $1
GROUP BY s.question, s.value
ORDER BY s.question COLLATE "C", s.value COLLATE "C";

-- name: agent_seconds
SELECT state, sum(extract(epoch FROM
    coalesce(ended_at, greatest(started_at, coalesce($2::timestamptz, clock_timestamp())))
    - started_at))::double precision AS seconds
FROM seat_interval
WHERE campaign_id = $1
GROUP BY state;
