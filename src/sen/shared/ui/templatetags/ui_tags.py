"""Template tags of the shared look: `{% load ui_tags %}`."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.forms import BoundField
from django.http import HttpRequest, QueryDict
from django.template.context import RequestContext
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from sen.shared.ui import assets, charts, formats

register = template.Library()

register.filter("vn_money", formats.money)
register.filter("vn_percent", formats.percent)
register.filter("mark", formats.mark)
register.filter("entered_mark", formats.entered_mark)


@register.filter
def vn_number(value: Any, decimals: int | str | None = None) -> str:
    """Write a number as `1.234,5`; decimals that a template leaves empty are the number's own."""
    return formats.number(value, None if decimals in (None, "") else int(decimals))


@register.filter
def vn_date(value: date | datetime | None) -> str:
    """Write a date, or the day of a time in local time, as `05/09/2022`."""
    return formats.day(_local(value))


@register.filter
def vn_time(value: datetime | None) -> str:
    """Write a time in local time as `05/09/2022 07:15`."""
    local = _local(value)
    return formats.moment(local) if isinstance(local, datetime) else formats.day(local)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Draw a Tabler icon. It is decoration: a label stands beside it, or the control has an accessible name.

    The names are those of `frontend/icons.txt`; an unknown one raises `LookupError`.
    """
    try:
        inner = _icons()[name]
    except KeyError:
        raise LookupError(f"No icon named {name!r}: add it to frontend/icons.txt and run `npm run icons`.") from None
    return format_html(
        '<svg class="icon{}" aria-hidden="true" viewBox="0 0 24 24">{}</svg>', f" {css}" if css else "", inner
    )


@register.simple_tag
def ui_asset(entry: str) -> SafeString:
    """Link the styles and the script of one entry of the front end, as in `{% ui_asset 'mark-grid.ts' %}`."""
    asset = assets.find(entry)
    styles = format_html_join("\n", '<link rel="stylesheet" href="{}">', ((static(path),) for path in asset.styles))
    chunks = format_html_join("\n", '<link rel="modulepreload" href="{}">', ((static(path),) for path in asset.chunks))
    script = format_html('<script type="module" src="{}"></script>', static(asset.script)) if asset.script else ""
    return mark_safe("\n".join(part for part in (styles, chunks, script) if part))  # noqa: S308 – parts are escaped above


@register.simple_tag
def ui_font(name: str) -> SafeString:
    """Ask for a font before the styles have come, so that the first words do not change their look."""
    path = assets.font(name)
    if path is None:
        return SafeString("")
    return format_html('<link rel="preload" as="font" type="font/woff2" href="{}" crossorigin>', static(path))


@register.simple_tag(takes_context=True)
def url_with(context: RequestContext, **changes: Any) -> str:
    """Return the query string of this address with some parameters changed; `None` or empty takes one out.

    A change of any other parameter goes back to the first page: page 7 of the old list means nothing in the new one.
    """
    request: HttpRequest | None = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    if "page" not in changes:
        query.pop("page", None)
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        elif isinstance(value, list | tuple):
            query.setlist(name, [str(one) for one in value])
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def url_set(context: RequestContext, name: str, value: Any) -> str:
    """Return the query string with one parameter changed whose name is itself a value, as in a list of filters."""
    return url_with(context, **{name: value})


@register.simple_tag(takes_context=True)
def active_nav(context: RequestContext, url: str) -> SafeString:
    """Mark the link to this page, or to the page it lies under, for eye and screen reader."""
    request: HttpRequest | None = context.get("request")
    here = request.path if request else ""
    if here == url:
        return SafeString('aria-current="page"')
    if url != "/" and here.startswith(url.rstrip("/") + "/"):
        return SafeString('aria-current="true"')
    return SafeString("")


@register.simple_tag(takes_context=True)
def theme(context: RequestContext) -> SafeString:
    """Return the attribute of `<html>` for the theme this person chose; without a choice the device decides."""
    request: HttpRequest | None = context.get("request")
    chosen = request.COOKIES.get("sen_theme") if request else None
    return format_html('data-theme="{}"', chosen) if chosen in ("light", "dark") else SafeString("")


@register.filter
def show_when(field: BoundField) -> SafeString:
    """Carry `data-show-when` from a field's widget to its whole row, so that label and help hide with it."""
    condition = field.field.widget.attrs.get("data-show-when")
    return format_html(' data-show-when="{}"', condition) if condition else SafeString("")


@register.filter
def widget_kind(field: BoundField) -> str:
    """Tell the row how to lay out: `check` (one box), `choices` (a list of boxes), `hidden` or `text`."""
    input_type = getattr(field.field.widget, "input_type", "")
    if field.is_hidden:
        return "hidden"
    if input_type in ("checkbox", "radio"):
        return "choices" if hasattr(field.field.widget, "choices") else "check"
    return "text"


@register.filter
def cell(row: Any, key: str) -> Any:
    """Look up one cell of a table row: a mapping's key or an attribute."""
    value = row.get(key) if isinstance(row, Mapping) else getattr(row, key, None)
    return value() if callable(value) else value


@register.simple_tag
def bar_chart(rows: Iterable[charts.Row], title: str, unit: str = "") -> SafeString:
    """Draw lying bars with their figures and, behind them, the table: rows of (label, value) or (label, value, url)."""
    return charts.bars(rows, title=title, unit=unit)


@register.simple_tag
def distribution_chart(rows: Iterable[charts.Row], title: str, unit: str = "", chart_id: str = "") -> SafeString:
    """Draw standing bars of how often each class of values occurs (phổ điểm), with the table behind them."""
    return charts.distribution(rows, title=title, unit=unit, chart_id=chart_id)


@register.simple_tag
def trend_chart(rows: Iterable[charts.Row], title: str, unit: str = "") -> SafeString:
    """Draw a line over time, with the table behind it."""
    return charts.trend(rows, title=title, unit=unit)


@register.simple_tag
def heat(value: float | None, low: float = 0, high: float = 1) -> SafeString:
    """Return the class of a heat map cell: `heat-1` (few) to `heat-5` (many). The cell still writes its figure."""
    return SafeString(charts.heat_class(value, low, high))


def _local(value: date | datetime | None) -> date | datetime | None:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


@lru_cache(maxsize=1)
def _icons() -> dict[str, SafeString]:
    text = (Path(__file__).parent.parent / "icons.json").read_text(encoding="utf-8")
    return {name: SafeString(inner) for name, inner in json.loads(text).items()}
