"""The database itself keeps what is locked: lines of a locked sheet, term records of a locked term, the lock itself.

Statement triggers with transition tables: a class of 45 costs one look, not 45. The functions run as their owner and
widen the scope while they look, so that a narrowed scope opens no side door; an exception undoes it with all the rest.
"""

from django.db import migrations

LINES = """
CREATE OR REPLACE FUNCTION gradebook_keep_locked_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public AS $$
DECLARE
  scope text := coalesce(current_setting('sen.members', true), '');
  open_columns text[] := ARRAY['corrected', 'average', 'level', 'version', 'versions', 'updated_at', 'updated_by_id'];
BEGIN
  PERFORM set_config('sen.members', '*', true);
  IF TG_OP = 'DELETE' THEN
    IF EXISTS (SELECT 1 FROM old_rows o JOIN gradebook_sheet s ON s.id = o.sheet_id WHERE s.locked_at IS NOT NULL) THEN
      RAISE EXCEPTION 'gradebook: a line of a locked sheet cannot be removed' USING ERRCODE = 'restrict_violation';
    END IF;
  ELSIF EXISTS (
    SELECT 1 FROM old_rows o JOIN new_rows n USING (id) JOIN gradebook_sheet s ON s.id IN (o.sheet_id, n.sheet_id)
     WHERE s.locked_at IS NOT NULL AND to_jsonb(o) - open_columns IS DISTINCT FROM to_jsonb(n) - open_columns
  ) THEN
    RAISE EXCEPTION 'gradebook: a line of a locked sheet changes by corrections alone'
      USING ERRCODE = 'restrict_violation';
  END IF;
  PERFORM set_config('sen.members', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER keep_locked_update AFTER UPDATE ON gradebook_sheetline
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION gradebook_keep_locked_lines();
CREATE TRIGGER keep_locked_delete AFTER DELETE ON gradebook_sheetline
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION gradebook_keep_locked_lines();
"""

RECORDS = """
CREATE OR REPLACE FUNCTION gradebook_keep_locked_records() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public AS $$
DECLARE
  scope text := coalesce(current_setting('sen.members', true), '');
BEGIN
  PERFORM set_config('sen.members', '*', true);
  IF EXISTS (
    SELECT 1 FROM old_rows o
      JOIN curriculum_schoolclass c ON c.id = o.school_class_id
      JOIN gradebook_termlock l ON l.school_id = o.school_id AND l.year = c.year AND l.term = o.term
     WHERE l.state <> 'open'
  ) THEN
    RAISE EXCEPTION 'gradebook: the term of this record is locked' USING ERRCODE = 'restrict_violation';
  END IF;
  PERFORM set_config('sen.members', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER keep_locked_update AFTER UPDATE ON gradebook_termrecord
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION gradebook_keep_locked_records();
CREATE TRIGGER keep_locked_delete AFTER DELETE ON gradebook_termrecord
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION gradebook_keep_locked_records();
"""

# A sheet opens again only when two persons have opened its term (the check constraint of the lock wants two).
SHEETS = """
CREATE OR REPLACE FUNCTION gradebook_keep_sheet_locked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public AS $$
DECLARE
  scope text := coalesce(current_setting('sen.members', true), '');
BEGIN
  PERFORM set_config('sen.members', '*', true);
  IF OLD.locked_at IS NOT NULL AND NEW.locked_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM gradebook_termlock l WHERE l.school_id = OLD.school_id AND l.year = OLD.year AND l.term = OLD.term
      AND l.state = 'open' AND l.unlocked_by_id IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'gradebook: a locked sheet is opened by unlocking its term' USING ERRCODE = 'restrict_violation';
  END IF;
  PERFORM set_config('sen.members', scope, true);
  RETURN NEW;
END $$;
CREATE TRIGGER keep_sheet_locked BEFORE UPDATE OF locked_at ON gradebook_sheet
  FOR EACH ROW EXECUTE FUNCTION gradebook_keep_sheet_locked();
"""

UNDO = """
DROP TRIGGER keep_locked_update ON gradebook_sheetline;
DROP TRIGGER keep_locked_delete ON gradebook_sheetline;
DROP TRIGGER keep_locked_update ON gradebook_termrecord;
DROP TRIGGER keep_locked_delete ON gradebook_termrecord;
DROP TRIGGER keep_sheet_locked ON gradebook_sheet;
DROP FUNCTION gradebook_keep_locked_lines();
DROP FUNCTION gradebook_keep_locked_records();
DROP FUNCTION gradebook_keep_sheet_locked();
"""


class Migration(migrations.Migration):
    dependencies = [("gradebook", "0002_stale_classes_and_record_versions")]

    operations = [migrations.RunSQL(LINES + RECORDS + SHEETS, UNDO)]
