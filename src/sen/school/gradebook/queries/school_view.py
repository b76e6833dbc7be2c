"""The head's view of a school: how full each book is and who owes what; results by grade, beside last year's."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

from sen.core.curriculum.models import SchoolClass
from sen.core.organisations.models import Organisation
from sen.school.gradebook import labels
from sen.school.gradebook.labels import YEAR
from sen.school.gradebook.models import ClassFigures, TermLock
from sen.school.gradebook.queries.books import classes_of
from sen.school.gradebook.queries.completion import SheetCompletion, record_gaps, school_sheets, sheets_completion
from sen.school.gradebook.rules import Regime
from sen.school.gradebook.rules.regimes import CLASSES_58, CONDUCT_58, LEVELS_22

LEVEL_NAMES = dict(Organisation.Level.choices)


@dataclass
class MatrixCell:
    """A class and subject: filled and expected cells, and whether every sheet of the period is locked."""

    expected: int = 0
    filled: int = 0
    is_locked: bool = True
    sheet_id: UUID | None = None
    who: str = ""

    @property
    def share(self) -> float:
        return self.filled / self.expected if self.expected else 1.0

    @property
    def missing(self) -> int:
        return self.expected - self.filled


@dataclass
class MatrixRow:
    school_class: SchoolClass
    cells: list[MatrixCell | None]
    total: MatrixCell
    own_missing: int = 0  # pupils without conduct or qualities


@dataclass
class Matrix:
    """Classes of one level of the school against its subjects."""

    title: str
    subjects: list[tuple[str, str]]  # (short name, name)
    rows: list[MatrixRow]
    total: MatrixCell = field(default_factory=MatrixCell)


@dataclass
class Debtor:
    """A teacher and everything that waits for this teacher."""

    name: str
    missing: int = 0
    items: list[tuple[str, int, UUID | None]] = field(default_factory=list)  # (class and subject, cells, sheet)


@dataclass
class Completion:
    matrices: list[Matrix]
    debtors: list[Debtor]
    total: MatrixCell
    is_locked: bool


def completion(school_id: UUID, year: int, term: int) -> Completion:
    """How full the books of a school are in a term, or (0) in both; a constant number of queries."""
    terms = (1, 2) if term == YEAR else (term,)
    sheets = [sheet for one in terms for sheet in sheets_completion(school_sheets(school_id, year, one))]
    classes = classes_of([school_id], year)
    gaps = {(gap.school_class.pk, one): gap for one in terms for gap in record_gaps(classes, one)}
    by_level: dict[str, list[SheetCompletion]] = defaultdict(list)
    for sheet in sheets:
        by_level[sheet.school_class.level].append(sheet)
    matrices = [
        _matrix(str(LEVEL_NAMES.get(level, level)), rows, {room: gap.missing for (room, _t), gap in gaps.items()})
        for level, rows in by_level.items()
    ]
    debtors: dict[str, Debtor] = {}
    for sheet in sheets:
        if sheet.missing:
            label = f"{sheet.school_class.name} · {sheet.subject_name}"
            label = f"{label} ({labels.term_name(sheet.term)})" if term == YEAR else label
            _owe(debtors, ", ".join(sheet.teachers) or _("Chưa phân công"), label, sheet.missing, sheet.sheet_id)
    for gap in gaps.values():
        who = gap.teacher or _("Chưa phân công chủ nhiệm")
        _owe(debtors, who, f"{gap.school_class.name} · {gap.what}", gap.missing, None)
    total = MatrixCell()
    for matrix in matrices:
        _add(total, matrix.total)
    locked = TermLock.objects.filter(school=school_id, year=year, term=term).exclude(state=TermLock.State.OPEN)
    ordered = sorted(debtors.values(), key=lambda debtor: -debtor.missing)
    return Completion(matrices, ordered, total, locked.exists())


def _owe(debtors: dict[str, Debtor], who: str, label: str, missing: int, sheet_id: UUID | None) -> None:
    debtor = debtors.setdefault(who, Debtor(who))
    debtor.missing += missing
    debtor.items.append((label, missing, sheet_id))


def _matrix(title: str, sheets: list[SheetCompletion], own_missing: dict[UUID, int]) -> Matrix:
    names: dict[str, str] = {}
    for sheet in sheets:
        names.setdefault(sheet.subject_key, sheet.subject_name)
    rooms: dict[UUID, SchoolClass] = {}
    cells: dict[tuple[UUID, str], MatrixCell] = {}
    for sheet in sheets:
        rooms.setdefault(sheet.school_class.pk, sheet.school_class)
        cell = cells.setdefault((sheet.school_class.pk, sheet.subject_key), MatrixCell())
        cell.expected += sheet.expected
        cell.filled += sheet.filled
        cell.is_locked = cell.is_locked and sheet.is_locked
        cell.sheet_id, cell.who = sheet.sheet_id, ", ".join(sheet.teachers)
    matrix = Matrix(title, [(labels.short_subject(key, name), name) for key, name in names.items()], [])
    for room_id, room in rooms.items():
        row = MatrixRow(room, [cells.get((room_id, key)) for key in names], MatrixCell(), own_missing.get(room_id, 0))
        for part in row.cells:
            if part is not None:
                _add(row.total, part)
        _add(matrix.total, row.total)
        matrix.rows.append(row)
    return matrix


def _add(total: MatrixCell, part: MatrixCell) -> None:
    total.expected += part.expected
    total.filled += part.filled
    total.is_locked = total.is_locked and part.is_locked


@dataclass
class ResultLine:
    """Counts of a class, or of a grade when `school_class` is None."""

    label: str
    pupils: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    conducts: Counter[str] = field(default_factory=Counter)
    honours: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    class_id: UUID | None = None

    def take(self, figures: ClassFigures) -> None:
        self.pupils += figures.pupils
        for name in ("levels", "conducts", "honours", "outcomes"):
            getattr(self, name).update(getattr(figures, name))

    def values(self, columns: "list[ResultColumn]") -> list[int]:
        return [getattr(self, column.kind)[column.word] for column in columns]


@dataclass(frozen=True)
class ResultColumn:
    kind: str  # levels, conducts, honours, outcomes
    word: str
    label: str


@dataclass
class ResultSection:
    """Grades of one regime: they share their scales, so they share a table."""

    regime: str
    title: str
    law: str
    columns: list[ResultColumn]
    groups: list[tuple[str, int]]  # (heading, number of columns)
    grades: list[tuple[ResultLine, list[ResultLine]]]
    total: ResultLine

    def counts(self, kind: str) -> list[tuple[str, int]]:
        """(label, pupils) of one kind over the section, the best first, as charts take it."""
        counted = getattr(self.total, kind)
        return [(column.label, counted[column.word]) for column in self.columns if column.kind == kind]


def grade_name(grade: str) -> str:
    names = {"nha_tre": _("Nhà trẻ"), "mau_giao": _("Mẫu giáo")}
    return names.get(grade) or _("Khối {grade}").format(grade=grade)


_SCALES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Regime.TT22: (LEVELS_22, LEVELS_22),
    Regime.TT43: (LEVELS_22, LEVELS_22),
    Regime.TT58: (CLASSES_58, CONDUCT_58),
    Regime.QD02: (CLASSES_58, CONDUCT_58),
    Regime.TT27: (("Chưa hoàn thành", "Hoàn thành", "Hoàn thành tốt", "Hoàn thành xuất sắc"), ()),
}


def results(figures: Iterable[ClassFigures], term: int) -> list[ResultSection]:
    """Sections of a school's figures of one period, by regime. The figures come with their classes read along."""
    by_regime: dict[str, list[ClassFigures]] = defaultdict(list)
    for one in figures:
        if one.school_class.regime != Regime.PRESCHOOL:
            by_regime[one.school_class.regime].append(one)
    return [_section(regime, rows, term) for regime, rows in by_regime.items()]


def _section(regime: str, rows: list[ClassFigures], term: int) -> ResultSection:
    grades: dict[str, tuple[ResultLine, list[ResultLine]]] = {}
    total = ResultLine(_("Tổng"))
    for one in rows:
        grade = one.school_class.grade
        whole, parts = grades.setdefault(grade, (ResultLine(grade_name(grade)), []))
        line = ResultLine(one.school_class.name, class_id=one.school_class_id)
        for target in (line, whole, total):
            target.take(one)
        parts.append(line)
    columns = _columns(regime, total, term)
    headings = {
        "levels": labels.learning_heading(regime), "conducts": labels.conduct_heading(regime),
        "honours": _("Danh hiệu, khen thưởng"), "outcomes": _("Kết quả cuối năm"),
    }  # fmt: skip
    groups = [(name, sum(1 for c in columns if c.kind == kind)) for kind, name in headings.items()]
    title = ", ".join(grade_name(grade) for grade in grades)
    law = Regime(regime).legal_text
    return ResultSection(regime, title, law, columns, [g for g in groups if g[1]], list(grades.values()), total)


def _columns(regime: str, total: ResultLine, term: int) -> list[ResultColumn]:
    levels, conducts = _SCALES.get(regime, ((), ()))
    columns = [ResultColumn("levels", word, word) for word in reversed(levels)]
    if regime == Regime.TT27 and term != YEAR:
        columns = []  # Circular 27 gives a level for the year alone
    columns += [ResultColumn("conducts", word, word) for word in reversed(conducts)]
    columns += [ResultColumn("honours", word, word) for word in labels.in_order(total.honours)]
    if term == YEAR:
        columns += [ResultColumn("outcomes", w, labels.outcome_name(w)) for w in labels.in_order(total.outcomes)]
    return columns


def figures_of(school_id: UUID, year: int, term: int) -> list[ClassFigures]:
    """Figures of the classes of a school in a period, in the order of its classes; one query."""
    rows = ClassFigures.objects.filter(school=school_id, year=year, term=term).select_related("school_class")
    return list(rows.order_by("school_class__level", "school_class__position", "school_class__name"))


@dataclass
class Comparison:
    """A grade this year and last year: shares of each level, in each year's own words."""

    grade: str
    now: list[tuple[str, float]]
    before: list[tuple[str, float]]
    pupils_now: int
    pupils_before: int
    same_scale: bool
    kind: str


def comparisons(now: list[ClassFigures], before: list[ClassFigures]) -> list[Comparison]:
    """Grades of this year beside the same grades of last year: levels, or outcomes where a regime has no levels.

    Two regimes' words are never mapped onto each other; a grade that changed its regime shows both scales.
    """
    earlier = _by_grade(before)
    found = []
    for grade, (regime, line) in _by_grade(now).items():
        other = earlier.get(grade)
        if other is None:
            continue
        kind = "levels" if line.levels or other[1].levels else "outcomes"
        same = regime == other[0]
        pair = [_shares(getattr(one, kind), kind) for one in (line, other[1])]
        if pair[0] and pair[1]:
            found.append(Comparison(grade_name(grade), pair[0], pair[1], line.pupils, other[1].pupils, same, kind))
    return found


def _by_grade(figures: list[ClassFigures]) -> dict[str, tuple[str, ResultLine]]:
    found: dict[str, tuple[str, ResultLine]] = {}
    for one in figures:
        if one.school_class.regime != Regime.PRESCHOOL:
            room = one.school_class
            found.setdefault(room.grade, (room.regime, ResultLine(room.grade)))[1].take(one)
    return found


def _shares(counted: Counter[str], kind: str) -> list[tuple[str, float]]:
    whole = sum(counted.values())
    name = labels.outcome_name if kind == "outcomes" else str
    return [(name(word), counted[word] / whole) for word in labels.in_order(counted) if counted[word]]
