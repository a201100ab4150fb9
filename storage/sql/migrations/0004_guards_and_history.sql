-- Triggers: what no statement may break, and the history that no statement may forget.

CREATE FUNCTION attempt_state_name(state smallint) RETURNS text
LANGUAGE sql IMMUTABLE RETURN CASE state
    WHEN 10 THEN 'intent' WHEN 20 THEN 'sent' WHEN 30 THEN 'ringing' WHEN 40 THEN 'early'
    WHEN 50 THEN 'answered' WHEN 60 THEN 'connected' WHEN 61 THEN 'abandoned'
    WHEN 90 THEN 'unknown' WHEN 100 THEN 'ended' WHEN 101 THEN 'void' END;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'illegal change of % %', TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER attempt_guard BEFORE UPDATE ON attempt FOR EACH ROW
WHEN (NEW.state < OLD.state
    OR (OLD.state >= 100 AND NEW.state <> OLD.state)
    OR (NEW.state = 101 AND OLD.state NOT IN (10, 101))
    OR NEW.phone <> OLD.phone
    OR NEW.lead_id <> OLD.lead_id)
EXECUTE FUNCTION refuse_change();

-- A name that becomes READY while its number is on the do-not-call list is held back: for ever,
-- or until the entry expires. The function is volatile, so it sees entries committed after the
-- updating statement began (`suppress` locks the rows that it might race with).
CREATE FUNCTION hold_lead_back() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    until timestamptz;
BEGIN
    SELECT max(coalesce(s.expires_at, 'infinity')) INTO until
    FROM suppression s
    WHERE s.phone = NEW.phone
        AND (s.campaign_id IS NULL OR s.campaign_id = NEW.campaign_id);
    IF until = 'infinity' THEN
        NEW.state := 'suppressed';
        NEW.due_at := NULL;
    ELSIF until > NEW.due_at THEN
        NEW.due_at := until;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER lead_hold_back BEFORE UPDATE OF state ON lead FOR EACH ROW
WHEN (NEW.state = 'ready' AND OLD.state <> 'ready')
EXECUTE FUNCTION hold_lead_back();

CREATE FUNCTION log_new_leads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO state_event (entity, entity_id, before, after, at)
    SELECT 'lead', id, '', state, changed_at FROM fresh ORDER BY seq;
    RETURN NULL;
END $$;
CREATE TRIGGER lead_born AFTER INSERT ON lead REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION log_new_leads();

CREATE FUNCTION log_lead_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO state_event (entity, entity_id, before, after, at)
    SELECT 'lead', fresh.id, stale.state, fresh.state, fresh.changed_at
    FROM fresh JOIN stale USING (id)
    WHERE fresh.state <> stale.state;
    RETURN NULL;
END $$;
CREATE TRIGGER lead_changed AFTER UPDATE ON lead
REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION log_lead_changes();

CREATE FUNCTION log_new_attempts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO state_event (entity, entity_id, before, after, at)
    SELECT 'attempt', id, '', attempt_state_name(state), changed_at FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER attempt_born AFTER INSERT ON attempt REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION log_new_attempts();

-- A corrected result is logged beside the states.
CREATE FUNCTION log_attempt_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO state_event (entity, entity_id, before, after, at)
    SELECT 'attempt', fresh.id, attempt_state_name(stale.state), attempt_state_name(fresh.state),
        fresh.changed_at
    FROM fresh JOIN stale USING (id)
    WHERE fresh.state <> stale.state
    UNION ALL
    SELECT 'attempt-result', fresh.id, stale.result, fresh.result, fresh.changed_at
    FROM fresh JOIN stale USING (id)
    WHERE fresh.result <> stale.result AND fresh.state = stale.state;
    RETURN NULL;
END $$;
CREATE TRIGGER attempt_changed AFTER UPDATE ON attempt
REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION log_attempt_changes();

CREATE FUNCTION log_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO state_event (entity, entity_id, before, after, at)
    VALUES ('campaign', NEW.id, CASE TG_OP WHEN 'INSERT' THEN '' ELSE OLD.state END, NEW.state,
        NEW.changed_at);
    PERFORM pg_notify('campaign', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER campaign_born AFTER INSERT ON campaign
FOR EACH ROW EXECUTE FUNCTION log_campaign();
CREATE TRIGGER campaign_changed AFTER UPDATE OF state ON campaign FOR EACH ROW
WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION log_campaign();

CREATE FUNCTION log_seat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE seat_interval SET ended_at = NEW.since
    WHERE agent_id = NEW.agent_id AND ended_at IS NULL;
    IF NEW.state <> 'signed-out' THEN
        INSERT INTO seat_interval (agent_id, campaign_id, state, attempt_id, reason, started_at)
        VALUES (NEW.agent_id, NEW.campaign_id, NEW.state, NEW.attempt_id, NEW.reason, NEW.since);
    END IF;
    INSERT INTO state_event (entity, entity_id, before, after, at)
    VALUES ('agent', NEW.agent_id, CASE TG_OP WHEN 'INSERT' THEN '' ELSE OLD.state END, NEW.state,
        NEW.since);
    RETURN NULL;
END $$;
CREATE TRIGGER seat_changed AFTER INSERT OR UPDATE ON seat
FOR EACH ROW EXECUTE FUNCTION log_seat();
