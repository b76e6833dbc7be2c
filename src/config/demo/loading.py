"""Making the rows of each school and writing them; then results, locks, figures, keys and the tour's accounts."""

import os
from functools import lru_cache
from pathlib import Path

import psycopg
from django.contrib.auth.hashers import make_password
from django.utils.crypto import get_random_string

from config.demo import marks, tour
from config.demo.frames import copy_frame, copy_rows
from config.demo.plan import SMALL, TINY, SchoolPlan, chosen, province
from config.demo.school import Builder, Catalogue, Regimes, School, Subject

TABLES: dict[str, tuple[str, ...]] = {
    "identity_account": (
        "id",
        "password",
        "last_login",
        "username",
        "full_name",
        "name_folded",
        "sort_key",
        "email",
        "is_active",
        "must_change_password",
        "language",
        "created_at",
        "issued_by_school_id",
    ),
    "identity_grant": ("id", "account_id", "role", "organisation_id", "valid_from", "valid_to", "given_by_id", "basis"),
    "people_person": (
        "id",
        "full_name",
        "name_folded",
        "sort_key",
        "birth_date",
        "gender",
        "ethnic_code",
        "nationality_code",
        "birth_place",
        "personal_id",
        "phone",
        "email",
        "address",
        "profile",
        "school_ids",
        "account_id",
    ),
    "people_staff": ("id", "person_id", "code", "profile"),
    "people_posting": (
        "id",
        "person_id",
        "school_id",
        "local_code",
        "group_code",
        "position_code",
        "subjects",
        "started_on",
        "ended_on",
    ),
    "people_pupil": ("id", "person_id", "school_id", "code", "local_code", "register_no", "profile"),
    "people_guardianship": ("id", "pupil_id", "adult_id", "kind", "occupation", "may_read", "restricted_by"),
    "people_enrolment": (
        "id",
        "person_id",
        "school_id",
        "year",
        "grade",
        "level",
        "status",
        "entry",
        "started_on",
        "ended_on",
        "profile",
    ),
    "curriculum_schoolclass": (
        "id",
        "school_id",
        "year",
        "name",
        "grade",
        "level",
        "programme",
        "regime",
        "specialised_subject",
        "form_teacher_id",
        "position",
        "profile",
    ),
    "curriculum_placement": (
        "id",
        "school_id",
        "person_id",
        "enrolment_id",
        "school_class_id",
        "row_number",
        "since",
        "until",
    ),
    "curriculum_classsubject": (
        "id",
        "school_id",
        "school_class_id",
        "subject_id",
        "lessons",
        "chosen_by_some",
        "has_cluster",
        "only_term",
    ),
    "gradebook_termlock": ("id", "school_id", "year", "term", "state", "locked_by_id", "locked_at", "unlock_reason"),
    "curriculum_assignment": (
        "id",
        "school_id",
        "class_subject_id",
        "teacher_id",
        "is_responsible",
        "term",
        "since",
        "until",
    ),
}


def connect() -> psycopg.Connection:
    """A connection that writes past walls and history: the superuser's where there is one, else the owner's."""
    url = os.environ.get("SEN_LOADER_URL") or os.environ["OWNER_DATABASE_URL"]
    connection = psycopg.connect(url)
    for setting in ("schools", "members"):
        connection.execute(f"SELECT set_config('sen.{setting}', '*', false)")
    connection.execute("SELECT set_config('sen.actor', 'sen demo', false)")
    if connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (True,):
        connection.execute("SET session_replication_role = replica")  # no triggers: rows are consistent by making
        connection.execute("SET synchronous_commit = off")
    connection.commit()
    return connection


def plans(connection: psycopg.Connection, size: str) -> list[SchoolPlan]:
    return province(connection) if size == "province" else chosen(connection, TINY if size == "tiny" else SMALL)


@lru_cache
def _catalogue() -> tuple[Catalogue, Regimes]:
    from sen.core.curriculum import queries

    catalogue: Catalogue = {}
    regimes: Regimes = {}
    with connect() as connection:
        for row in connection.execute(
            "SELECT programme, level, grade, id::text, key, kind, form, lessons"
            " FROM curriculum_programmesubject ORDER BY position"
        ).fetchall():
            catalogue.setdefault(row[:3], []).append(Subject(*row[3:]))
    for year in (2021, 2022):
        for level, grades in _grades().items():
            for grade in grades:
                regimes[year, level, grade] = queries.regime_for(year, level, grade)
    return catalogue, regimes


def _grades() -> dict[str, tuple[str, ...]]:
    from config.demo.plan import GRADES

    return GRADES


@lru_cache
def _password() -> str:
    return make_password(tour.PASSWORD, salt=get_random_string(22, "abcdefghijkmnpqrstuvwxyz"))


def load_school(work: tuple[SchoolPlan, bool]) -> dict[str, int]:
    """Make and write one school in one transaction; returns what was written."""
    plan, families = work
    catalogue, regimes = _catalogue()
    school = Builder(plan, catalogue, regimes, _password(), families=families).build()
    with connect() as connection:
        for table, columns in TABLES.items():
            copy_rows(connection, table, columns, school.rows[table])
        lines = _write_marks(connection, school)
        connection.commit()
    _derive(plan)
    return {
        "học sinh": len(school.rows["people_pupil"]),
        "cán bộ, giáo viên": len(school.rows["people_staff"]),
        "lớp": len(school.rooms),
        "dòng điểm": lines,
    }


def _derive(plan: SchoolPlan) -> None:
    """Results and figures, by the services that make them every day."""
    from sen.core.curriculum.models import SchoolClass
    from sen.school.gradebook.services.figures import refresh_figures
    from sen.school.gradebook.services.results import compute_results
    from sen.shared.kit import scope

    with scope.use(scope.whole_system("sen demo")):
        for year in plan.years:
            classes = list(SchoolClass.objects.filter(school_id=plan.id, year=year))
            compute_results(classes=classes, locked_too=True)
            refresh_figures(classes=classes)


def _write_marks(connection: psycopg.Connection, school: School) -> int:
    first = school.plan.index * 1_000_000
    sheets = marks.sheets(school, first=first)
    if sheets.is_empty():
        return 0
    copy_frame(connection, "gradebook_sheet", marks.sheet_rows(school, sheets))
    lines = marks.lines(school, sheets, first=first)
    copy_frame(connection, "gradebook_sheetline", lines)
    copy_frame(connection, "gradebook_termrecord", marks.term_records(school, first=first))
    return lines.height


# Past years whose transcripts are signed and sealed in the demo: (school, year, how many). The rest waits, queued.
SIGNED = (("45461501", 2021, 36), ("45000702", 2021, 12), ("45461409", 2021, 12))


def finish(plans: list[SchoolPlan], size: str, note: Path) -> None:
    """Officers and operator, easy logins, second factors, signed transcripts, the note that lists logins."""
    from sen.core.identity.models import Account, Grant
    from sen.core.identity.roles import SECOND_FACTOR
    from sen.core.identity.services.demo import enrol_demo_second_factors
    from sen.shared.kit import scope

    with scope.use(scope.whole_system("sen demo")):
        tour.make_officers(_password())
        tour.name_school_accounts()
        holders = Grant.objects.filter(role__in=SECOND_FACTOR).values("account_id")
        enrol_demo_second_factors(Account.objects.filter(pk__in=holders))
        tour.write_note(note)
        if size != "province":
            _sign({plan.code: plan for plan in plans}, size)


def _sign(plans: dict[str, SchoolPlan], size: str) -> None:
    """Test keys for every school, signed transcripts for a few classes; closed years are queued for the worker."""
    from sen.school.transcripts import demo, services

    for plan in plans.values():
        if plan.levels != ("preschool",):
            demo.demo_keys(plan.id)
    for code, year, most in SIGNED:
        if code in plans:
            demo.sign_demo(plans[code].id, year, most=6 if size == "tiny" else most, seconds=120)
    for plan in plans.values():
        if plan.stage == "closed":
            services.queue_year(school_id=plan.id, year=2022)
