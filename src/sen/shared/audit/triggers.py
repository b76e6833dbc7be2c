"""The history as PostgreSQL writes it: one statement-level trigger function for every tracked table.

Statement level with transition tables: a class sheet of 360 cells costs one INSERT of history, not 360.
A column named `password` never enters the history: a hash is read by no auditor and cracked by none.
The functions run with their owner's rights; the application's role can add lines but never change or remove one.
"""

from typing import Any

from django.apps import apps
from django.db.models import Model

HASH = """
CREATE OR REPLACE FUNCTION sen_line_hash(l audit_line) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to(concat_ws('|', l.id, extract(epoch FROM l.at)::text, coalesce(l.organisation_id::text, '-'),
    l.subject_table, coalesce(l.subject_id::text, '-'), l.op, l.action, l.actor, l.reason, l.request,
    coalesce(l.before::text, '-'), coalesce(l.after::text, '-')), 'UTF8')) $$;

CREATE OR REPLACE FUNCTION sen_hash_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.hash := sen_line_hash(NEW); RETURN NEW; END $$;
"""

TRACK = """
CREATE OR REPLACE FUNCTION sen_track() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public AS $$
DECLARE
  who text := coalesce(nullif(current_setting('sen.actor', true), ''), session_user::text);
  why text := coalesce(current_setting('sen.reason', true), '');
  req text := coalesce(current_setting('sen.request', true), '');
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_line
      (at, organisation_id, subject_table, subject_id, op, action, actor, reason, request, before, after)
    SELECT clock_timestamp(), nullif(coalesce(r ->> 'school_id', r ->> 'organisation_id'), '')::uuid, TG_TABLE_NAME,
           (r ->> 'id')::uuid, 'I', '', who, why, req, NULL, jsonb_strip_nulls(r)
      FROM (SELECT to_jsonb(n) - 'password' AS r FROM new_rows n) rows;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO audit_line
      (at, organisation_id, subject_table, subject_id, op, action, actor, reason, request, before, after)
    SELECT clock_timestamp(), nullif(coalesce(r ->> 'school_id', r ->> 'organisation_id'), '')::uuid, TG_TABLE_NAME,
           (r ->> 'id')::uuid, 'D', '', who, why, req, jsonb_strip_nulls(r), NULL
      FROM (SELECT to_jsonb(o) - 'password' AS r FROM old_rows o) rows;
  ELSE
    INSERT INTO audit_line
      (at, organisation_id, subject_table, subject_id, op, action, actor, reason, request, before, after)
    SELECT clock_timestamp(), nullif(coalesce(n ->> 'school_id', n ->> 'organisation_id'), '')::uuid, TG_TABLE_NAME,
           (n ->> 'id')::uuid, 'U', '', who, why, req, diff.before, diff.after
      FROM (SELECT to_jsonb(o) - 'password' AS o, to_jsonb(n) - 'password' AS n
              FROM old_rows o JOIN new_rows n USING (id)) rows,
           LATERAL (SELECT jsonb_object_agg(key, o -> key) AS before, jsonb_object_agg(key, value) AS after
                      FROM jsonb_each(n) WHERE value IS DISTINCT FROM o -> key) diff
     WHERE diff.after IS NOT NULL;
  END IF;
  RETURN NULL;
END $$;
"""

NOTE = """
CREATE OR REPLACE FUNCTION sen_note(organisation uuid, act text, tab text, row_id uuid, details jsonb)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO audit_line
      (at, organisation_id, subject_table, subject_id, op, action, actor, reason, request, before, after)
  VALUES (clock_timestamp(), organisation, tab, row_id, 'N', act,
          coalesce(nullif(current_setting('sen.actor', true), ''), session_user::text),
          coalesce(current_setting('sen.reason', true), ''), coalesce(current_setting('sen.request', true), ''),
          NULL, details);
END $$;
"""

SEAL = """
CREATE OR REPLACE FUNCTION sen_seal(most integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public AS $$
DECLARE
  l audit_line; h audit_head; sealed integer := 0; chain_day date;
BEGIN
  -- One sealer at a time; the lock ends with the transaction.
  PERFORM pg_advisory_xact_lock(7310512);
  FOR l IN SELECT line.* FROM audit_line line LEFT JOIN audit_link link ON link.line_id = line.id
            WHERE link.id IS NULL ORDER BY line.id LIMIT most LOOP
    chain_day := (l.at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date;
    SELECT * INTO h FROM audit_head
     WHERE organisation_id IS NOT DISTINCT FROM l.organisation_id AND day = chain_day;
    IF NOT FOUND THEN
      INSERT INTO audit_head (organisation_id, day, count, link) VALUES (l.organisation_id, chain_day, 0, ''::bytea)
      RETURNING * INTO h;
    END IF;
    h.count := h.count + 1;
    h.link := sha256(h.link || l.hash);
    INSERT INTO audit_link (organisation_id, day, seq, line_id, hash, link)
    VALUES (l.organisation_id, chain_day, h.count, l.id, l.hash, h.link);
    UPDATE audit_head SET count = h.count, link = h.link WHERE id = h.id;
    sealed := sealed + 1;
  END LOOP;
  RETURN sealed;
END $$;
"""


def tracked_models() -> list[type[Model]]:
    """Our tables whose changes are history: all that declare a guard and not `tracked = False`."""
    return sorted(
        (
            model
            for model in apps.get_models(include_auto_created=False)
            if model.__module__.startswith("sen.") and getattr(model, "tracked", False)
        ),
        key=lambda model: model._meta.db_table,
    )


def build(cursor: Any, application_role: str) -> None:
    """Create or renew the functions, the triggers of every tracked table and the rights on the history."""
    for sql in (HASH, TRACK, NOTE, SEAL):
        cursor.execute(sql)
    cursor.execute(
        "CREATE OR REPLACE TRIGGER hash_line BEFORE INSERT ON audit_line FOR EACH ROW EXECUTE FUNCTION sen_hash_line()"
    )
    for model in tracked_models():
        table = model._meta.db_table
        for op, tables in (
            ("INSERT", "NEW TABLE AS new_rows"),
            ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
            ("DELETE", "OLD TABLE AS old_rows"),
        ):
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER track_{op.lower()} AFTER {op} ON {table} REFERENCING {tables} "
                "FOR EACH STATEMENT EXECUTE FUNCTION sen_track()"
            )
    for table in ("audit_line", "audit_link", "audit_head"):
        cursor.execute(f'REVOKE INSERT, UPDATE, DELETE ON {table} FROM "{application_role}"')
    for table, rule in (("audit_line", "organisation_id"),):
        cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        cursor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        cursor.execute(f"DROP POLICY IF EXISTS wall ON {table}")
        cursor.execute(
            f"CREATE POLICY wall ON {table} USING ((SELECT sen_scope_all('sen.members'))"
            f" OR {rule} = ANY ((SELECT sen_scope_ids('sen.members'))::uuid[]))"
        )
        # The functions above run as the owner, for whom the wall is forced too: they need a door of their own.
        cursor.execute(f"DROP POLICY IF EXISTS writers ON {table}")
        cursor.execute(f"CREATE POLICY writers ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")
    cursor.execute(f'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO "{application_role}"')
