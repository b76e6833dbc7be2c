"""Template tags of the gradebook: `{% load gradebook_tags %}`."""

from django import template

from sen.school.gradebook.cells import mark_text

register = template.Library()


@register.filter
def tenths(value: int | None) -> str:
    """Write whole tenths as an average: 85 -> "8,5", 80 -> "8,0"; nothing for no average."""
    return "" if value is None else mark_text(value, short=False)
