"""Drawing the table of a sheet. Plain Python, since a template that asks about 540 cells takes ten times as long.

Everything that people wrote is escaped here: names, remarks, class names.
"""

from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from sen.school.gradebook import cells
from sen.school.gradebook.queries.facts import Facts
from sen.school.gradebook.queries.grid import Row, year_result
from sen.school.gradebook.rules import Column, Regime
from sen.school.gradebook.rules.regimes import PRIMARY

_SIGNS = {cells.EXCUSED: "P", cells.ABSENT: "K"}
_MODES = {"mark": "decimal", "test": "numeric"}
_MOMENTS = {"GK1": "GK I", "CK1": "CK I", "GK2": "GK II", "CN": "CN"}
SHORT_REMARK = 60
_NOBODY = "00000000-0000-0000-0000-000000000000"


def table(facts: Facts, rows: list[Row], *, writable: bool) -> SafeString:
    """The table: inputs where the actor writes, plain values elsewhere; both values where one was corrected."""
    columns = facts.book.columns
    is_primary = Regime(facts.regime) in PRIMARY
    history = reverse("gradebook:line", args=[_NOBODY]).removesuffix(f"{_NOBODY}/")
    body = []
    for row in rows:
        name = escape(row.name)
        head = _head_cell(row, history, name, writable=writable)
        if row.is_closed:
            shown = _closed(row, columns, writable=writable)
        elif writable:
            shown = [_input(row, column, name) for column in columns]
        else:
            shown = [_plain(row, column) for column in columns]
        if not is_primary:
            shown.insert(-1, _results(facts, row))  # the wide remark stands last
        body.append(f'<tr data-name="{name}">{head}{"".join(shown)}</tr>')
    return mark_safe(  # noqa: S308  # names and remarks are escaped below, the rest are numbers and codes
        f'<table class="table sen-table{" mark-table" if writable else ""}">'
        f'<caption class="visually-hidden">{escape(_caption(facts))}</caption>'
        f"<thead>{_heads(facts, columns, is_primary, writable=writable)}</thead><tbody>{''.join(body)}</tbody></table>"
    )


def _caption(facts: Facts) -> str:
    return _("Điểm môn {subject} lớp {name}").format(subject=facts.subject_name, name=facts.class_name)


def _heads(facts: Facts, columns: tuple[Column, ...], is_primary: bool, *, writable: bool) -> str:
    heads = []
    for column in columns:
        kind = cells.KINDS[column.entry]
        if not writable:
            side = "" if kind == "remark" else ' class="num"'
            heads.append(f'<th scope="col"{side} title="{escape(column.heading)}">{escape(_short(column))}</th>')
            continue
        extra = f' data-maxlength="{cells.LONGEST_REMARK}"' if kind == "remark" else ""
        if kind == "test" and facts.regime == Regime.TT27:
            extra = ' data-min="0"'  # Circular 27 allows a zero again
        heads.append(
            f'<th scope="col" data-col="{column.code}" data-kind="{kind}" data-label="{escape(column.heading)}"{extra}>'
            f"{escape(_short(column))}</th>"
        )
    if not is_primary:
        names = [_("HK I")] if facts.term == 2 else []
        names.append(_("TB HK {term}").format(term="I" * facts.term))
        names += [_("Cả năm")] if facts.term == 2 else []
        heads[-1:-1] = [f'<th scope="col" class="num">{escape(name)}</th>' for name in names]
    return f'<tr><th scope="col">{escape(_("Học sinh"))}</th>{"".join(heads)}</tr>'


def _short(column: Column) -> str:
    """The heading as the narrow column shows it; the full one is its label."""
    if not column.moment:
        return column.heading
    what = {"level": _("Mức"), "test": _("KT"), "remark": _("Nhận xét")}[column.kind]
    return f"{what} {_MOMENTS[column.moment]}"


def _head_cell(row: Row, history: str, name: str, *, writable: bool) -> str:
    """The row's head with the way to its history, and the version the plain form was made with."""
    url = f"{history}{row.line_id}/"
    version = f'<input type="hidden" name="{row.enrolment_id}:version" value="{row.version}">' if writable else ""
    number = f'<span class="mark-number">{row.number}</span>' if writable else f"{row.number}. "
    return f'<th scope="row">{number}<a href="{url}" hx-get="{url}" hx-target="#dialog">{name}</a>{version}</th>'


def _input(row: Row, column: Column, name: str) -> str:
    if column.kind == "cluster" and not row.takes_cluster:
        return f'<td data-col="{column.code}">–</td>'
    code = column.code
    kind = cells.KINDS[column.entry]
    value = cells.show(row.value(code), column)
    state = row.states.get(code)
    sign = f' placeholder="{_SIGNS[state]}" title="{escape(cells.STATES[state])}"' if state else ""
    mode = f' inputmode="{_MODES[kind]}"' if kind in _MODES else ""
    return (
        f'<td data-row="{row.enrolment_id}" data-col="{code}" data-kind="{kind}"'
        f' data-version="{row.versions.get(code, 0)}">'
        f'<input name="{row.enrolment_id}:{code}" value="{escape(value) if kind == "remark" else value}"{mode}{sign}'
        f' aria-label="{name}, {escape(column.heading)}"></td>'
    )


def _closed(row: Row, columns: tuple[Column, ...], *, writable: bool) -> list[str]:
    """A pupil who left keeps the marks, one who is waived has none; neither row takes anything."""
    if row.until is not None:
        why = _("Rời lớp ngày {day}").format(day=f"{row.until:%d/%m/%Y}")
    else:
        why = _("Miễn") if row.is_exempt else _("Không học môn này nữa")
    texts = ["" if row.is_exempt else cells.show(row.value(column.code), column) for column in columns[:-1]] + [why]
    if not writable:
        return [*(f'<td class="num">{escape(text)}</td>' for text in texts[:-1]), f"<td>{escape(texts[-1])}</td>"]
    # A disabled input lines up with the others and is left alone by the grid.
    return [
        f'<td data-col="{column.code}" data-kind="{cells.KINDS[column.entry]}">'
        f'<input disabled value="{escape(text)}" aria-label="{escape(column.heading)}"></td>'
        for column, text in zip(columns, texts, strict=True)
    ]


def _plain(row: Row, column: Column) -> str:
    code = column.code
    text = escape(cells.show(row.value(code), column)) or _SIGNS.get(row.states.get(code, ""), "")
    if code in row.corrected:
        text = f"<s>{text}</s> <ins>{escape(cells.show(row.corrected[code], column))}</ins>"
    if column.entry != "text":
        return f'<td class="num">{text}</td>'
    return f'<td class="text-nowrap">{text}</td>' if len(text) < SHORT_REMARK else f"<td>{text}</td>"


def _results(facts: Facts, row: Row) -> str:
    if row.is_exempt:
        return "<td></td>" * (3 if facts.term == 2 else 1)
    parts = [f'<td class="num">{row.term1_result}</td>'] if facts.term == 2 else []
    parts.append(f'<td class="num" data-out="result">{row.result}</td>')
    if facts.term == 2:
        year = year_result(facts, (row.term1_average, row.term1_level), (row.average, row.level))
        parts.append(f'<td class="num" data-out="year">{year}</td>')
    return "".join(parts)
