"""Row-level security and rights of the application's role, built from the `guard` each table declares.

`sen migrate` runs this after every migration, so policies can never lag behind the models. The application connects
as a role that owns no table and may not bypass row-level security; the owner is used by migrations alone.
"""

from typing import Any

from django.apps import apps
from django.db.models import Model

from sen.shared.kit.models import ByPerson, BySchool, Guard, Open, PersonFile, Table, ThroughPerson

FUNCTIONS = """
CREATE OR REPLACE FUNCTION sen_scope_ids(setting text) RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN coalesce(current_setting(setting, true), '') IN ('', '*') THEN '{}'::uuid[]
   ELSE string_to_array(current_setting(setting, true), ',')::uuid[] END $$;
CREATE OR REPLACE FUNCTION sen_scope_all(setting text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting(setting, true), '') = '*' $$;
"""


def _within(column: str, setting: str) -> str:
    # The sub-selects make PostgreSQL evaluate the setting once per statement, not once per row.
    return (
        f"((SELECT sen_scope_all('sen.{setting}')) OR {column} = ANY ((SELECT sen_scope_ids('sen.{setting}'))::uuid[]))"
    )


def condition(guard: Guard) -> str | None:
    """The SQL condition under which a row is readable and writable; None for a table without a wall."""
    match guard:
        case Open():
            return None
        case BySchool(column):
            return _within(column, "members")
        case ByPerson(school, person, second_school):
            schools = [_within(column, "schools") for column in (school, second_school) if column]
            own = f"{person} = ANY ((SELECT sen_scope_ids('sen.persons'))::uuid[])"
            return "(" + " OR ".join([*schools, own]) + ")"
        case PersonFile(schools, person):
            return (
                f"((SELECT sen_scope_all('sen.schools')) OR {schools} && (SELECT sen_scope_ids('sen.schools'))::uuid[]"
                f" OR {person} = ANY ((SELECT sen_scope_ids('sen.persons'))::uuid[]))"
            )
        case ThroughPerson(column, person_table):
            # The sub-select is itself under the wall of the persons' table.
            seen = f"EXISTS (SELECT 1 FROM {person_table} p WHERE p.id = {column})"  # noqa: S608  # names from models
            return f"((SELECT sen_scope_all('sen.schools')) OR {seen})"


def guarded_models() -> list[type[Table]]:
    """Every concrete table of ours, in a stable order."""
    return sorted(
        (model for model in apps.get_models(include_auto_created=False) if issubclass(model, Table)),
        key=lambda model: model._meta.db_table,
    )


def unguarded_models() -> list[type[Model]]:
    """Tables of the project that do not declare a guard (a test wants none)."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("sen.") and not hasattr(model, "guard")
    ]


def build(cursor: Any, application_role: str) -> None:
    """Create or renew functions, policies and grants. `application_role` is an existing role name."""
    cursor.execute(FUNCTIONS)
    cursor.execute(f'GRANT USAGE ON SCHEMA public TO "{application_role}"')
    cursor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{application_role}"')
    cursor.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{application_role}"')
    cursor.execute(f'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO "{application_role}"')
    for model in guarded_models():
        table = model._meta.db_table
        rule = condition(model.guard)
        cursor.execute(f"DROP POLICY IF EXISTS wall ON {table}")
        if rule is None:
            cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
            cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
            continue
        cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        cursor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        cursor.execute(f"CREATE POLICY wall ON {table} USING ({rule}) WITH CHECK ({rule})")
