"""The gradebook's part of the API: a sheet with its cells, and saving cells. The same service as the grid."""

from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from sen.school.gradebook import cells
from sen.school.gradebook.queries.grid import missing_in, rows_of
from sen.school.gradebook.services.entry import MOST_CELLS, CellEdit, save_cells
from sen.school.gradebook.views import common

router = Router(tags=["Sổ điểm"])


class CellIn(Schema):
    """One cell to write. `value`: "8.5" or "8,5", "Đ", "CĐ", "T", "H", "C", text; null empties the cell."""

    row: UUID
    col: str = Field(max_length=20)
    value: str | None = Field(None, max_length=cells.LONGEST_REMARK * 2)
    version: int = Field(0, ge=0, le=2_147_483_647)
    state: Literal["", "excused", "absent"] = ""


class CellsIn(Schema):
    request_id: str = Field("", max_length=64)
    cells: list[CellIn] = Field(max_length=MOST_CELLS)


class CellOut(Schema):
    """What became of a cell; `value` and `version` are those of the table, `by` who wrote what stands against ours."""

    row: UUID
    col: str
    state: Literal["saved", "refused", "conflict"]
    value: str | None
    version: int
    message: str
    by: str


class RowOut(Schema):
    row: UUID
    average: str
    level: str
    result: str
    year: str


class SavedOut(Schema):
    cells: list[CellOut]
    rows: list[RowOut]
    missing: int
    summary: dict[str, str]


class ColumnOut(Schema):
    code: str
    kind: str
    heading: str
    weight: int
    entry: str


class SheetCellOut(Schema):
    col: str
    value: str | None
    corrected: str | None
    state: str
    version: int


class SheetRowOut(Schema):
    row: UUID
    number: int
    name: str
    is_closed: bool
    result: str
    cells: list[SheetCellOut]


class SheetOut(Schema):
    id: UUID
    school_class: str
    subject: str
    year: int
    term: int
    regime: str
    is_locked: bool
    is_writable: bool
    missing: int
    columns: list[ColumnOut]
    rows: list[SheetRowOut]


class Refusal(Schema):
    code: str
    message: str


@router.get("/sheets/{uuid:sheet_id}", response={200: SheetOut, 404: Refusal}, summary="Một bảng điểm")
def get_sheet(request: HttpRequest, sheet_id: UUID) -> SheetOut:
    """One class, one subject, one term, with every cell. Marks are text with a decimal point."""
    facts = common.sheet_of(common.actor_of(request), sheet_id)
    rows = rows_of(facts)
    columns = facts.book.columns
    return SheetOut(
        id=facts.sheet_id,
        school_class=facts.class_name,
        subject=facts.subject_name,
        year=facts.year,
        term=facts.term,
        regime=facts.regime,
        is_locked=facts.locked_at is not None,
        is_writable=facts.locked_at is None and facts.is_assigned,
        missing=missing_in(facts, rows),
        columns=[
            ColumnOut(code=c.code, kind=c.kind, heading=c.heading, weight=c.weight, entry=c.entry) for c in columns
        ],
        rows=[
            SheetRowOut(
                row=row.enrolment_id,
                number=row.number,
                name=row.name,
                is_closed=row.is_closed,
                result=row.result,
                cells=[
                    SheetCellOut(
                        col=column.code,
                        value=cells.wire(row.value(column.code), column),
                        corrected=cells.wire(row.corrected.get(column.code), column),
                        state=row.states.get(column.code, ""),
                        version=row.versions.get(column.code, 0),
                    )
                    for column in columns
                ],
            )
            for row in rows
        ],
    )


@router.put(
    "/sheets/{uuid:sheet_id}/cells",
    response={200: SavedOut, 400: Refusal, 403: Refusal, 409: Refusal},
    summary="Ghi các ô của một bảng điểm",
)
def put_cells(request: HttpRequest, sheet_id: UUID, body: CellsIn) -> SavedOut:
    """Save cells; each is answered for itself. Sending the same body again gets the same answer."""
    edits = [
        CellEdit(c.row, c.col, c.value.replace("\x00", "") if c.value else c.value, c.version, c.state)
        for c in body.cells
    ]
    saved = save_cells(actor=common.actor_of(request), sheet=sheet_id, edits=edits, request_id=body.request_id)
    return SavedOut.from_orm(saved)
