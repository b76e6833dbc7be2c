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


def table(facts: Facts, rows: list[Row], *, writable: bool) -> SafeString:
    """The table: inputs where the actor writes, plain values elsewhere; both values where one was corrected."""
    columns = facts.book.columns
    is_primary = Regime(facts.regime) in PRIMARY
    history = reverse("gradebook:line", args=["00000000-0000-0000-0000-000000000000"]).split("00000000-", 1)[0]
    body = []
    for row in rows:
        head = _head_cell(row, history)
        if writable and not row.is_closed:
            shown = "".join(_input(row, column, head[1]) for column in columns)
        elif row.is_closed:
            shown = _closed(row, columns)
        else:
            shown = "".join(_plain(row, column) for column in columns)
        outcome = "" if is_primary else _results(facts, row)
        body.append(f"<tr{_row_attributes(head[1])}>{head[0]}{shown}{outcome}</tr>")
    return mark_safe(  # noqa: S308  # names and remarks are escaped below, the rest are numbers and codes
        '<table class="table sen-table mark-table">'
        f'<caption class="visually-hidden">{escape(_caption(facts))}</caption>'
        f"<thead>{_heads(facts, columns, is_primary)}</thead><tbody>{''.join(body)}</tbody></table>"
    )


def _caption(facts: Facts) -> str:
    return _("Điểm môn {subject} lớp {name}").format(subject=facts.subject_name, name=facts.class_name)


def _heads(facts: Facts, columns: tuple[Column, ...], is_primary: bool) -> str:
    heads = [f'<th scope="col">{escape(_("Học sinh"))}</th>']
    for column in columns:
        kind = cells.KINDS[column.entry]
        extra = f' data-maxlength="{cells.LONGEST_REMARK}"' if kind == "remark" else ""
        if kind == "test" and facts.regime == Regime.TT27:
            extra = ' data-min="0"'  # Circular 27 allows a zero again
        label = escape(column.heading)
        heads.append(
            f'<th scope="col" data-col="{column.code}" data-kind="{kind}" data-label="{label}"{extra}>{label}</th>'
        )
    if not is_primary:
        if facts.term == 2:
            heads.append(f'<th scope="col">{escape(_("HK I"))}</th>')
        heads.append(f'<th scope="col">{escape(_("TB HK {term}").format(term="I" * facts.term))}</th>')
        if facts.term == 2:
            heads.append(f'<th scope="col">{escape(_("Cả năm"))}</th>')
    return f"<tr>{''.join(heads)}</tr>"


def _row_attributes(name: str) -> str:
    return f' data-name="{name}"'


def _head_cell(row: Row, history: str) -> tuple[str, str]:
    """(the row's head with the way to its history, the escaped name)."""
    name = escape(row.name)
    url = f"{history}{row.line_id}/"
    return (
        f'<th scope="row"><span class="mark-number">{row.number}</span>'
        f'<a href="{url}" hx-get="{url}" hx-target="#dialog">{name}</a>'
        f'<input type="hidden" name="{row.enrolment_id}:version" value="{row.version}"></th>'
    ), name


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


def _closed(row: Row, columns: tuple[Column, ...]) -> str:
    """A pupil who left keeps the marks, one who is waived has none; neither row takes anything."""
    if row.until is not None or not row.takes_subject:
        why = _("Không học môn này nữa")
        if row.until is not None:
            why = _("Rời lớp ngày {day}").format(day=f"{row.until:%d/%m/%Y}")
        plain = "".join(_plain(row, column) for column in columns[:-1])
        return f'{plain}<td data-col="{columns[-1].code}">{escape(why)}</td>'
    first, *rest = columns
    cells_ = "".join(f'<td data-col="{column.code}"></td>' for column in rest)
    return f'<td data-col="{first.code}">{escape(_("Miễn"))}</td>{cells_}'


def _plain(row: Row, column: Column) -> str:
    code = column.code
    kind = cells.KINDS[column.entry]
    value = row.value(code)
    text = escape(cells.show(value, column)) or _SIGNS.get(row.states.get(code, ""), "")
    if code in row.corrected:
        new = escape(cells.show(row.corrected[code], column))
        text = f"<s>{text}</s> <ins>{new}</ins>"
    return f'<td data-col="{code}" data-kind="{kind}">{text}</td>'


def _results(facts: Facts, row: Row) -> str:
    if row.is_exempt:
        return "<td></td>" * (3 if facts.term == 2 else 1)
    parts = [f"<td>{row.term1_result}</td>"] if facts.term == 2 else []
    parts.append(f'<td data-out="result">{row.result}</td>')
    if facts.term == 2:
        year = year_result(facts, (row.term1_average, row.term1_level), (row.average, row.level))
        parts.append(f'<td data-out="year">{year}</td>')
    return "".join(parts)
