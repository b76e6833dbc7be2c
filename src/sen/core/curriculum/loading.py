"""Loading school years and programmes from the data files (sources: `data/SOURCES.md`). Set-wise, safe to repeat."""

import uuid
from datetime import date
from pathlib import Path

from sen.core.curriculum.models import ProgrammeSubject, SchoolYear
from sen.core.organisations import loading

DATA = Path(__file__).parent / "data"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "curriculum.sen.edu.vn")


def subject_id(programme: str, level: str, grade: str, key: str) -> uuid.UUID:
    """The key of a subject of a programme in a grade."""
    return uuid.uuid5(_NAMESPACE, f"subject/{programme}/{level}/{grade}/{key}")


def load() -> bool:
    """Bring years and subjects of the data files into the database. False when this version already stands there."""
    return loading.load_once("curriculum", [*sorted(DATA.glob("*.csv")), Path(__file__)], _load)


def _load() -> None:
    SchoolYear.objects.bulk_create(
        [
            SchoolYear(
                id=uuid.uuid5(_NAMESPACE, f"year/{row['year']}"),
                year=int(row["year"]),
                source=row["source"],
                **{name: date.fromisoformat(row[name]) for name in row if name.endswith(("_on", "_by"))},
            )
            for row in loading.read("school-years.csv", DATA)
        ],
        update_conflicts=True,
        unique_fields=["year"],
        update_fields=["opens_on", "term1_ends_by", "term2_ends_by", "ends_by", "source"],
    )
    ProgrammeSubject.objects.bulk_create(
        [
            ProgrammeSubject(
                id=subject_id(row["programme"], row["level"], row["grade"], row["key"]),
                **{**row, "lessons": int(row["lessons"]), "position": int(row["position"])},
            )
            for row in loading.read("subjects.csv", DATA)
        ],
        update_conflicts=True,
        unique_fields=["programme", "level", "grade", "key"],
        update_fields=["name", "name_en", "kind", "form", "lessons", "position", "source"],
    )
