"""The database itself keeps what is sealed: of an issued transcript nothing may change but "sealed" to "superseded"."""

from django.db import migrations

SEALED = """
CREATE OR REPLACE FUNCTION transcripts_keep_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.state IN ('sealed', 'superseded') THEN
      RAISE EXCEPTION 'transcripts: an issued transcript cannot be removed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
  END IF;
  IF OLD.state IN ('sealed', 'superseded') AND (
    to_jsonb(OLD) - 'state' IS DISTINCT FROM to_jsonb(NEW) - 'state'
    OR (OLD.state <> NEW.state AND NOT (OLD.state = 'sealed' AND NEW.state = 'superseded'))
  ) THEN
    RAISE EXCEPTION 'transcripts: an issued transcript never changes' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_sealed BEFORE UPDATE OR DELETE ON transcripts_transcript
  FOR EACH ROW EXECUTE FUNCTION transcripts_keep_sealed();

CREATE OR REPLACE FUNCTION transcripts_keep_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM transcripts_transcript t WHERE t.id = OLD.transcript_id AND t.state IN ('sealed', 'superseded')) THEN
    RAISE EXCEPTION 'transcripts: the signatures of an issued transcript never change' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_signed BEFORE UPDATE OR DELETE ON transcripts_signaturestep
  FOR EACH ROW EXECUTE FUNCTION transcripts_keep_signed();
"""

UNDO = """
DROP TRIGGER keep_sealed ON transcripts_transcript;
DROP TRIGGER keep_signed ON transcripts_signaturestep;
DROP FUNCTION transcripts_keep_sealed();
DROP FUNCTION transcripts_keep_signed();
"""


class Migration(migrations.Migration):
    dependencies = [("transcripts", "0002_signing_by_policy_and_batch")]

    operations = [migrations.RunSQL(SEALED, UNDO)]
