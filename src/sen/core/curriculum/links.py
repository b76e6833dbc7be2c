"""What the packages above tell curriculum, which it cannot import. They register in their `AppConfig.ready`.

Nothing registered: no class book is open yet, and the roll-over knows no results (everybody is "unknown").
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Step = Literal["promoted", "repeat", "left", "finished", "waiting"]


@dataclass(frozen=True)
class Outcome:
    """What a closed year says of a pupil: the step, the next grade ("" when finished or gone), and why in words.

    "waiting": no decision yet (re-test, missing marks); such pupils stay out of the roll-over and are shown.
    """

    step: Step
    next_grade: str = ""
    reason: str = ""


OutcomeProvider = Callable[[UUID, int], Mapping[UUID, Outcome]]
BookChecker = Callable[[Collection[UUID]], Collection[UUID]]

_outcomes: list[OutcomeProvider] = []
_books: list[BookChecker] = []


def register_outcomes(provider: OutcomeProvider) -> None:
    """`provider(school_id, year)` gives enrolment id -> outcome, in a constant number of queries."""
    _outcomes[:] = [provider]


def register_books(checker: BookChecker) -> None:
    """`checker(class_ids)` gives those whose class book is open: their rows keep their numbers."""
    _books[:] = [checker]


def outcomes(school_id: UUID, year: int) -> Mapping[UUID, Outcome]:
    return _outcomes[0](school_id, year) if _outcomes else {}


def has_outcomes() -> bool:
    return bool(_outcomes)


def with_open_book(class_ids: Collection[UUID]) -> Collection[UUID]:
    return _books[0](class_ids) if _books and class_ids else ()
