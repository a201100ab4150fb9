-- The claim. A function, because each statement inside it takes a snapshot of its own: after
-- waiting for the campaign's row (somebody is pausing it) the rules are judged on what is
-- committed then, not on what was when the caller's statement began.

-- Whether a number may be rung at `moment`: not suppressed, no open attempt on it in any
-- campaign, none inside the gap.
CREATE FUNCTION may_ring(number text, for_campaign uuid, moment timestamptz, gap interval)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM attempt a
        WHERE a.phone = number
            AND (a.open OR (a.state <> 101 AND a.ended_at > moment - gap))
    ) AND NOT EXISTS (
        SELECT FROM suppression s
        WHERE s.phone = number
            AND (s.campaign_id IS NULL OR s.campaign_id = for_campaign)
            AND (s.expires_at IS NULL OR s.expires_at > moment)
    );
END $$;

-- Whether calls of a campaign may start at `moment`.
CREATE FUNCTION may_call(plan campaign, moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE RETURN plan.state = 'running'
    AND (moment AT TIME ZONE plan.zone)::time >= plan.opens
    AND (moment AT TIME ZONE plan.zone)::time < plan.closes
    AND extract(isodow FROM moment AT TIME ZONE plan.zone)::smallint = ANY (plan.weekdays);

CREATE FUNCTION claim_names(
    from_campaign uuid, asking_epoch bigint, switch_boot_id text, attempt_ids uuid[],
    deadline interval, of_agent uuid, only_lead uuid, test_now timestamptz
) RETURNS TABLE (
    attempt_id uuid, lead_id uuid, phone text, attempt_no integer, fields jsonb,
    claimed_at timestamptz, deadline_at timestamptz
)
LANGUAGE plpgsql
-- The index lead_ready holds the names in the order of dialing: walking it stops after a few
-- rows, whatever stale statistics make of a list that was loaded a second ago.
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
#variable_conflict use_column
DECLARE
    plan campaign%ROWTYPE;
    moment timestamptz;
    written uuid[];
BEGIN
    SELECT * INTO plan FROM campaign WHERE id = from_campaign FOR SHARE;
    moment := coalesce(test_now, clock_timestamp());
    IF NOT FOUND OR plan.owner_epoch IS DISTINCT FROM asking_epoch
        OR NOT may_call(plan, moment)
    THEN
        RETURN;
    END IF;

    WITH chosen AS MATERIALIZED (
        SELECT l.id, l.phone, l.attempts
        FROM lead l
        WHERE l.campaign_id = from_campaign AND l.state = 'ready'
            AND coalesce(l.agent_id, '00000000-0000-0000-0000-000000000000')
                = coalesce(of_agent, '00000000-0000-0000-0000-000000000000')
            AND l.due_at <= moment
            AND l.attempts < plan.max_attempts
            AND (only_lead IS NULL OR l.id = only_lead)
            AND may_ring(l.phone, from_campaign, moment, plan.min_gap)
        ORDER BY l.due_at, l.seq
        LIMIT cardinality(attempt_ids)
        FOR UPDATE OF l SKIP LOCKED
    ), numbered AS (
        SELECT *, row_number() OVER () AS place FROM chosen
    ), fresh AS (
        -- The partial unique indexes decide between two claims of one number.
        INSERT INTO attempt (id, campaign_id, lead_id, phone, attempt_no, state, epoch, boot_id,
            claimed_at, deadline_at, changed_at)
        SELECT attempt_ids[place], from_campaign, id, phone, attempts + 1, 10, asking_epoch,
            switch_boot_id, moment, moment + deadline, moment
        FROM numbered
        ON CONFLICT DO NOTHING
        RETURNING id
    )
    SELECT array_agg(id) INTO written FROM fresh;

    -- Our open attempts now keep others off these numbers. Whatever was committed between the
    -- choice and that is visible from here on: an attempt inside the gap voids ours.
    UPDATE attempt a SET state = 101, changed_at = moment
    WHERE a.id = ANY (written) AND EXISTS (
        SELECT FROM attempt other
        WHERE other.phone = a.phone AND other.id <> a.id AND other.state <> 101
            AND other.ended_at > moment - plan.min_gap
    );

    RETURN QUERY
    WITH moved AS (
        UPDATE lead l
        SET state = 'dialing', attempts = a.attempt_no, last_attempt_id = a.id,
            changed_at = moment
        FROM attempt a
        WHERE a.id = ANY (written) AND a.open AND l.id = a.lead_id
        RETURNING a.id AS attempt_id, l.id AS lead_id, l.member_id, l.phone, l.attempts
    )
    SELECT m.attempt_id, m.lead_id, m.phone, m.attempts, member.fields, moment, moment + deadline
    FROM moved m JOIN list_member member ON member.id = m.member_id
    ORDER BY array_position(attempt_ids, m.attempt_id);
END $$;
