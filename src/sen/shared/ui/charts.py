"""Charts drawn on the server: an SVG that a screen reader passes over, and the same figures as a table behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sen.shared.ui import formats

Row = Sequence[object]

WIDTH = 400
HEAT_STEPS = 5
LABEL_FITS = 40


@dataclass(frozen=True)
class Point:
    """One labelled figure; `url` leads to the records it counts."""

    label: str
    value: float
    url: str = ""


def bars(rows: Iterable[Row], *, title: str, unit: str = "") -> SafeString:
    """Lying bars, one line each: for comparing a few named things."""
    points = _points(rows)
    top = _top(points)
    lines = format_html_join(
        "",
        '<text x="0" y="{}" class="chart-label">{}</text>'
        '<text x="400" y="{}" class="chart-value" text-anchor="end">{}</text>'
        '<rect x="0" y="{}" width="400" height="8" rx="4" class="chart-track"/>'
        '<rect x="0" y="{}" width="{}" height="8" rx="4" class="chart-bar"/>',
        (
            (
                36 * i + 12,
                _fit(p.label),
                36 * i + 12,
                formats.number(p.value),
                36 * i + 18,
                36 * i + 18,
                _short(WIDTH * p.value / top),
            )
            for i, p in enumerate(points)
        ),
    )
    return _figure(points, title, unit, height=36 * len(points), drawing=lines)


def distribution(rows: Iterable[Row], *, title: str, unit: str = "", chart_id: str = "") -> SafeString:
    """Standing bars side by side: how often each class of values occurs.

    The mark grid draws the bars anew while marks are typed; it finds them by `chart_id`.
    """
    points = _points(rows)
    top, step = _top(points), WIDTH / max(len(points), 1)
    drawing = format_html_join(
        "",
        '<g data-bin="{}"><rect x="{}" y="{}" width="{}" height="{}" rx="2" class="chart-bar"/>'
        '<text x="{}" y="{}" class="chart-value" text-anchor="middle">{}</text>'
        '<text x="{}" y="158" class="chart-label" text-anchor="middle">{}</text></g>',
        (
            (
                i,
                _short(step * i + step * 0.12),
                _short(140 - 120 * p.value / top),
                _short(step * 0.76),
                _short(120 * p.value / top),
                _short(step * (i + 0.5)),
                _short(135 - 120 * p.value / top),
                formats.number(p.value) if p.value else "",
                _short(step * (i + 0.5)),
                p.label,
            )
            for i, p in enumerate(points)
        ),
    )
    axis = SafeString('<line x1="0" x2="400" y1="140.5" y2="140.5" class="chart-axis"/>')
    return _figure(points, title, unit, height=164, drawing=drawing + axis, chart_id=chart_id)


def trend(rows: Iterable[Row], *, title: str, unit: str = "") -> SafeString:
    """A line over time from zero, each point with its figure."""
    points = _points(rows)
    top, step = _top(points), WIDTH / max(len(points), 1)
    places = [(step * (i + 0.5), 140 - 112 * p.value / top) for i, p in enumerate(points)]
    line = format_html(
        '<polyline points="{}" class="chart-line"/>', " ".join(f"{_short(x)},{_short(y)}" for x, y in places)
    )
    dots = format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="3.5" class="chart-dot"/>'
        '<text x="{}" y="{}" class="chart-value" text-anchor="middle">{}</text>'
        '<text x="{}" y="158" class="chart-label" text-anchor="middle">{}</text>',
        (
            (_short(x), _short(y), _short(x), _short(y - 9), formats.number(p.value), _short(x), p.label)
            for p, (x, y) in zip(points, places, strict=True)
        ),
    )
    axis = SafeString('<line x1="0" x2="400" y1="140.5" y2="140.5" class="chart-axis"/>')
    return _figure(points, title, unit, height=164, drawing=axis + line + dots)


def heat_class(value: float | None, low: float = 0, high: float = 1) -> str:
    """Class of a heat map cell: five equal steps from `low` to `high`; no value has no colour."""
    if value is None:
        return "heat heat-none"
    share = 0.0 if high == low else (float(value) - low) / (high - low)
    return f"heat heat-{min(max(int(share * HEAT_STEPS) + 1, 1), HEAT_STEPS)}"


def _figure(
    points: list[Point], title: str, unit: str, *, height: int, drawing: SafeString, chart_id: str = ""
) -> SafeString:
    if not points:
        return format_html('<p class="text-secondary">{}</p>', _("Chưa có số liệu để vẽ biểu đồ."))
    body = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td class="num">{}</td></tr>',
        ((_linked(p), formats.number(p.value)) for p in points),
    )
    return format_html(
        '<figure class="chart"{}><figcaption>{}</figcaption>'
        '<svg viewBox="0 0 400 {}" aria-hidden="true" focusable="false">{}</svg>'
        '<details class="chart-data"><summary>{}</summary><table class="table table-sm"><thead>'
        '<tr><th scope="col">{}</th><th scope="col" class="num">{}</th></tr></thead>'
        "<tbody>{}</tbody></table></details></figure>",
        format_html(' id="{}"', chart_id) if chart_id else "",
        title,
        height,
        drawing,
        _("Xem bảng số liệu"),
        _("Nhóm"),
        unit or _("Số lượng"),
        body,
    )


def _linked(point: Point) -> str:
    return format_html('<a href="{}">{}</a>', point.url, point.label) if point.url else point.label


def _fit(label: str) -> str:
    """Shorten a label that would run into its figure; the table behind the chart has it whole."""
    return label if len(label) <= LABEL_FITS else f"{label[: LABEL_FITS - 1]}…"


def _points(rows: Iterable[Row]) -> list[Point]:
    return [Point(str(row[0]), _figure_of(row[1]), str(row[2]) if len(row) > 2 else "") for row in rows]


def _figure_of(value: object) -> float:
    return float(value) if isinstance(value, int | float | Decimal | str) else 0.0


def _top(points: list[Point]) -> float:
    return max([point.value for point in points] + [0.0]) or 1.0


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
