"""Small readings of figures for the overviews."""

from django import template
from django.utils.safestring import SafeString

from sen.core.curriculum.models import ClassSubject
from sen.school.gradebook.labels import YEAR, short_subject
from sen.school.gradebook.models import ClassFigures
from sen.school.gradebook.queries.region import SchoolRow
from sen.school.gradebook.queries.school_view import ResultColumn, ResultLine
from sen.shared.ui.charts import heat_class

register = template.Library()


@register.filter
def counts(line: ResultLine, columns: list[ResultColumn]) -> list[int]:
    """Numbers of pupils of a grade or class in the order of the columns."""
    return line.values(columns)


@register.filter
def locked_terms(row: SchoolRow) -> str:
    """ "HK I, HK II, cả năm" as far as the school has locked them; a dash for none."""
    names = {1: "HK I", 2: "HK II", YEAR: "cả năm"}
    return ", ".join(names[term] for term in (1, 2, YEAR) if term in row.locks) or "–"


@register.filter
def filled(figures: ClassFigures) -> float | None:
    """Share of the cells of a class that are filled."""
    return figures.cells_filled / figures.cells_expected if figures.cells_expected else None


@register.filter
def empty(figures: ClassFigures) -> int:
    """Cells of a class that wait."""
    return figures.cells_expected - figures.cells_filled


@register.filter
def heat_of(figures: ClassFigures) -> SafeString:
    return SafeString(heat_class(filled(figures)))


@register.filter
def short(subject: ClassSubject) -> str:
    """The subject's short name for a narrow column."""
    return short_subject(subject.subject.key, subject.subject.name)


@register.filter
def glued(name: str) -> str:
    """A name whose last three words stay on one line, so that a narrow column breaks after the family name."""
    words = name.split(" ")
    return " ".join([*words[:-3], "\u00a0".join(words[-3:])])
