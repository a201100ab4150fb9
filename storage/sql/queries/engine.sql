-- name: start_engine
INSERT INTO engine (host, started_at)
VALUES ($1, coalesce($2::timestamptz, clock_timestamp()))
RETURNING epoch;

-- name: take_campaigns
-- A later engine's campaigns are left alone. A campaign that is over is taken once more while
-- attempts of it wait for their results. Whoever sat at a campaign of an earlier engine has no
-- seat any more: that engine's phones and screens are gone with it.
WITH mine AS (
    SELECT c.id, coalesce(c.owner_epoch, 0) < $1 AS is_new
    FROM campaign c
    WHERE coalesce(c.owner_epoch, 0) <= $1
        AND (c.state IN ('running', 'paused', 'draining')
            OR c.state = 'finished' AND EXISTS (
                SELECT FROM attempt a WHERE a.campaign_id = c.id AND a.open))
    FOR UPDATE
), emptied AS (
    UPDATE seat SET
        state = 'signed-out',
        attempt_id = NULL,
        reason = '',
        since = greatest(since, coalesce($2::timestamptz, clock_timestamp()))
    WHERE state <> 'signed-out' AND campaign_id IN (SELECT id FROM mine WHERE is_new)
), taken AS (
    UPDATE campaign c SET owner_epoch = $1 FROM mine WHERE c.id = mine.id RETURNING c.*
)
SELECT * FROM taken ORDER BY created_at, id;

-- name: claim
SELECT * FROM claim_names($1, $2, $3, $4, $5, $6, $7, $8);

-- name: preview
SELECT l.id, l.phone, l.attempts, m.fields
FROM lead l
JOIN campaign c ON c.id = l.campaign_id
JOIN list_member m ON m.id = l.member_id,
    coalesce($3::timestamptz, clock_timestamp()) AS moment
WHERE l.campaign_id = $1 AND l.state = 'ready' AND l.due_at <= moment
    AND coalesce(l.agent_id, '00000000-0000-0000-0000-000000000000') = $2
    AND l.attempts < c.max_attempts
    AND may_call(c, moment)
    AND may_ring(l.phone, l.campaign_id, moment, c.min_gap)
ORDER BY l.due_at, l.seq
LIMIT 1;

-- name: record
-- One row per attempt: what its updates come to (storage.attempt_patch). A row whose rank does
-- not rise keeps its state; the instants of what it went through are filled in all the same, so
-- that updates in any order leave the same row. Names move only with the rank. Returns attempts
-- that ended now and whose agent knows the result better.
WITH patch AS (
    SELECT * FROM unnest(
        $1::uuid[], $2::smallint[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[],
        $6::timestamptz[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::uuid[],
        $11::integer[], $12::integer[], $13::text[], $14::text[], $15::timestamptz[]
    ) AS p (id, state, at, sent_at, ringing_at, early_at, answered_at, connected_at,
        abandoned_at, agent_id, cause, sip_status, result, next_state, next_due)
), target AS (
    SELECT a.id, a.state AS before,
        a.state < p.state AND a.state < 100 AND (p.state <> 101 OR a.state = 10) AS rises
    FROM attempt a JOIN patch p ON p.id = a.id
    ORDER BY a.id
    FOR UPDATE OF a
), changed AS (
    UPDATE attempt a SET
        state = CASE WHEN t.rises THEN p.state ELSE a.state END,
        changed_at = CASE WHEN t.rises THEN p.at ELSE a.changed_at END,
        sent_at = least(a.sent_at, p.sent_at),
        ringing_at = least(a.ringing_at, p.ringing_at),
        early_at = least(a.early_at, p.early_at),
        answered_at = least(a.answered_at, p.answered_at),
        connected_at = least(a.connected_at, p.connected_at),
        abandoned_at = least(a.abandoned_at, p.abandoned_at),
        agent_id = coalesce(a.agent_id, p.agent_id),
        ended_at = CASE WHEN t.rises AND p.result IS NOT NULL THEN p.at ELSE a.ended_at END,
        cause = CASE WHEN t.rises AND p.result IS NOT NULL THEN p.cause ELSE a.cause END,
        sip_status = CASE WHEN t.rises AND p.result IS NOT NULL THEN p.sip_status
            ELSE a.sip_status END,
        result = CASE WHEN t.rises AND p.result IS NOT NULL THEN p.result ELSE a.result END
    FROM patch p JOIN target t ON t.id = p.id
    WHERE a.id = p.id AND a.state <> 101 AND (
        t.rises
        OR (a.agent_id IS NULL AND p.agent_id IS NOT NULL)
        OR (a.sent_at, a.ringing_at, a.early_at, a.answered_at, a.connected_at, a.abandoned_at)
            IS DISTINCT FROM (
                least(a.sent_at, p.sent_at), least(a.ringing_at, p.ringing_at),
                least(a.early_at, p.early_at), least(a.answered_at, p.answered_at),
                least(a.connected_at, p.connected_at), least(a.abandoned_at, p.abandoned_at))
    )
    RETURNING a.id, a.lead_id, a.state, t.before, t.rises, p.next_state, p.next_due
), moved AS (
    UPDATE lead l SET
        state = CASE WHEN c.state = 101 THEN 'ready' ELSE c.next_state END,
        due_at = CASE WHEN c.state = 101 THEN l.due_at ELSE c.next_due END,
        attempts = l.attempts - (c.state = 101)::integer,
        last_attempt_id = CASE WHEN c.state = 101 THEN NULL ELSE l.last_attempt_id END,
        changed_at = coalesce($16::timestamptz, clock_timestamp())
    FROM changed c
    WHERE l.id = c.lead_id AND c.rises AND c.state >= 90 AND (
        (l.state = 'dialing' AND l.last_attempt_id = c.id)
        -- An attempt in doubt turns out: the name may have moved on.
        OR (c.before = 90 AND l.last_attempt_id = c.id AND l.state IN ('ready', 'gave-up'))
        OR (c.before = 90 AND c.next_state = 'done' AND l.state = 'ready')
    )
)
SELECT c.id
FROM changed c JOIN disposition d ON d.attempt_id = c.id
WHERE c.rises AND c.state >= 90 AND d.result IS NOT NULL;

-- name: open_attempts
SELECT a.id, a.campaign_id, a.lead_id, a.phone, a.attempt_no, m.fields, a.state, a.epoch,
    a.boot_id, a.deadline_at, a.answered_at, a.agent_id
FROM attempt a
JOIN lead l ON l.id = a.lead_id
JOIN list_member m ON m.id = l.member_id
WHERE a.campaign_id = $1 AND a.open
ORDER BY a.claimed_at, a.id;

-- name: ready_count
SELECT count(*)
FROM lead
WHERE campaign_id = $1 AND state = 'ready'
    AND coalesce(agent_id, '00000000-0000-0000-0000-000000000000')
        = '00000000-0000-0000-0000-000000000000'
    AND due_at <= coalesce($2::timestamptz, clock_timestamp());

-- name: unsettled_count
SELECT (SELECT count(*) FROM lead WHERE campaign_id = $1 AND state = 'ready')
    + (SELECT count(*) FROM lead WHERE campaign_id = $1 AND state = 'dialing');

-- name: change_seat
-- The same state again goes on; a change dated before the present state begins with it.
INSERT INTO seat (agent_id, campaign_id, state, attempt_id, reason, since)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (agent_id) DO UPDATE SET
    campaign_id = excluded.campaign_id,
    state = excluded.state,
    attempt_id = excluded.attempt_id,
    reason = excluded.reason,
    since = greatest(seat.since, excluded.since)
WHERE (seat.campaign_id, seat.state, seat.attempt_id, seat.reason)
    IS DISTINCT FROM (excluded.campaign_id, excluded.state, excluded.attempt_id, excluded.reason);

-- name: save_disposition
-- A later note replaces an earlier one; the same one again changes nothing.
INSERT INTO disposition (attempt_id, agent_id, code, at, result, note)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (attempt_id) DO UPDATE SET
    agent_id = excluded.agent_id, code = excluded.code, at = excluded.at,
    result = excluded.result, note = excluded.note
WHERE disposition.at < excluded.at;

-- name: disputed_result
-- The attempt is over and its agent gave another result than the switch.
SELECT d.result, a.attempt_no, a.ended_at, c.max_attempts, c.min_gap, c.delays
FROM attempt a
JOIN disposition d ON d.attempt_id = a.id
JOIN campaign c ON c.id = a.campaign_id
WHERE a.id = $1 AND a.result <> d.result;

-- name: correct_result
WITH corrected AS (
    UPDATE attempt SET result = $2, changed_at = coalesce($5::timestamptz, clock_timestamp())
    WHERE id = $1 AND result <> $2
    RETURNING id, lead_id
)
UPDATE lead l SET state = $3, due_at = $4,
    changed_at = coalesce($5::timestamptz, clock_timestamp())
FROM corrected c
WHERE l.id = c.lead_id AND l.last_attempt_id = c.id AND l.state IN ('ready', 'done', 'gave-up');

-- name: save_recording
INSERT INTO recording (id, attempt_id, path, seconds, at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO NOTHING;

-- name: save_conversation
-- A conversation is stored as it grows: turns are kept once, the latest answer to a question
-- stands, and an outcome is not opened again.
WITH talk AS (
    INSERT INTO conversation (attempt_id, outcome, results)
    VALUES ($1, $2, $3)
    ON CONFLICT (attempt_id) DO UPDATE SET
        outcome = CASE WHEN excluded.outcome = 'open' THEN conversation.outcome
            ELSE excluded.outcome END,
        results = conversation.results || excluded.results
), told AS (
    INSERT INTO transcript_turn (attempt_id, seq, at, speaker, text, source, confidence)
    SELECT $1, * FROM unnest($4::integer[], $5::timestamptz[], $6::text[], $7::text[],
        $8::text[], $9::double precision[])
    ON CONFLICT DO NOTHING
)
INSERT INTO answer (attempt_id, question, value, raw, source, confidence, at)
SELECT $1, * FROM unnest($10::text[], $11::text[], $12::text[], $13::text[],
    $14::double precision[], $15::timestamptz[])
ON CONFLICT (attempt_id, question) DO UPDATE SET
    value = excluded.value, raw = excluded.raw, source = excluded.source,
    confidence = excluded.confidence, at = excluded.at
WHERE answer.at <= excluded.at;

-- name: suppress
-- An entry only ever grows: a later end replaces an earlier one. Names being dialed are locked
-- too, so that a result recorded at the same time cannot make them callable unseen.
WITH entry AS (
    INSERT INTO suppression (phone, campaign_id, reason, source, at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (phone, coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'))
    DO UPDATE SET reason = excluded.reason, source = excluded.source, at = excluded.at,
        expires_at = excluded.expires_at
    WHERE suppression.expires_at < coalesce(excluded.expires_at, 'infinity')
)
UPDATE lead SET
    state = CASE WHEN state = 'ready' AND $6::timestamptz IS NULL THEN 'suppressed'
        ELSE state END,
    due_at = CASE WHEN state = 'ready' AND $6::timestamptz IS NULL THEN NULL
        WHEN state = 'ready' THEN greatest(due_at, $6) ELSE due_at END,
    changed_at = CASE WHEN state = 'ready' AND $6::timestamptz IS NULL
        THEN coalesce($7::timestamptz, clock_timestamp()) ELSE changed_at END
WHERE phone = $1 AND ($2::uuid IS NULL OR campaign_id = $2) AND state IN ('ready', 'dialing');

-- name: is_suppressed
SELECT EXISTS (
    SELECT FROM suppression
    WHERE phone = $1 AND (campaign_id IS NULL OR campaign_id = $2)
        AND (expires_at IS NULL OR expires_at > coalesce($3::timestamptz, clock_timestamp()))
);

-- name: finish_campaign
UPDATE campaign SET state = 'finished', changed_at = coalesce($3::timestamptz, clock_timestamp())
WHERE id = $1 AND owner_epoch = $2 AND state IN ('running', 'draining')
RETURNING id;
