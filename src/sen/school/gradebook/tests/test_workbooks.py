"""A sheet out to Excel and back: the round trip, what is refused, what somebody else changed meanwhile."""

import re
import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from sen.core.identity.roles import Role
from sen.school.gradebook.models import SheetLine
from sen.school.gradebook.queries.facts import facts_of
from sen.school.gradebook.queries.grid import rows_of
from sen.school.gradebook.services.entry import save_cells
from sen.school.gradebook.services.locks import lock_term
from sen.school.gradebook.tests.factories import ReadyClass, full_class, ready_class
from sen.school.gradebook.tests.test_pages import browser, text_of
from sen.school.gradebook.workbooks import read_sheet, write_sheet
from sen.shared.audit.models import Line
from sen.shared.kit.errors import Invalid

pytestmark = pytest.mark.django_db


def written(c: ReadyClass, key="toan", *, blank=False, **cells) -> bytes:
    """The sheet's workbook with cells of the first pupil's row typed over by heading."""
    facts = facts_of(c.sheets[key, 1].pk)
    book = load_workbook(BytesIO(write_sheet(facts, rows_of(facts), "Trường thử", blank=blank)))
    page = book.active
    heads = {page.cell(5, place).value: place for place in range(1, page.max_column + 1)}
    for heading, value in cells.items():
        page.cell(6, heads[heading.replace("_", " ")]).value = value
    output = BytesIO()
    book.save(output)
    return output.getvalue()


def preview_of(c: ReadyClass, data: bytes, key="toan"):
    facts = facts_of(c.sheets[key, 1].pk)
    return read_sheet(data, facts, rows_of(facts))


def test_the_file_is_protected_but_for_its_cells_and_hides_its_keys():
    c = ready_class(pupils=2)
    facts = facts_of(c.sheets["toan", 1].pk)
    data = write_sheet(facts, rows_of(facts), "Trường thử")
    assert '<col min="1" max="2" width="0"' in zipfile.ZipFile(BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    page = load_workbook(BytesIO(data)).active
    assert page.protection.sheet
    assert (page["D6"].protection.locked, page["F6"].protection.locked) == (True, False)
    assert page["A6"].value == str(c.enrolments[0].pk)


@pytest.mark.parametrize(
    ("regime", "key", "marks"),
    [
        ("tt22-2021", "toan", {"tx1": "8,5", "tx2": "0", "gk": "10", "ck": "8,1", "nx": "=Chăm"}),
        ("tt22-2021", "gdtc", {"tx1": "Đ", "gk": "CĐ"}),
        ("tt27-2020", "toan", {"muc_CK1": "T", "kt_CK1": "9", "nx_CK1": "Tính nhanh."}),
    ],
)
def test_a_filled_sheet_comes_back_without_a_change(regime, key, marks):
    c = ready_class(regime, pupils=2)
    save_cells(actor=c.teacher, sheet=c.sheets[key, 1], edits=c.edits(marks, key))
    preview = preview_of(c, written(c, key), key)
    assert (preview.changes, preview.faults) == ([], [])


def test_what_is_typed_in_excel_is_previewed_and_then_written():
    c = ready_class(pupils=2)
    save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=c.edits({"tx1": "5"}))
    preview = preview_of(c, written(c, ĐĐGtx_1=8.5, ĐĐGtx_2="7,5", ĐĐGgk=9))
    assert [(x.heading, x.old, x.new) for x in preview.changes] == [
        ("ĐĐGtx 1", "5", "8,5"), ("ĐĐGtx 2", "", "7,5"), ("ĐĐGgk", "", "9"),
    ]  # fmt: skip
    first = preview.totals[0]
    assert (first.filled_before, first.filled_after, first.mean_before, first.mean_after) == (1, 1, "5,00", "8,50")
    assert c.line().marks == {"tx1": 50}
    saved = save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=preview.edits)
    assert {cell.state for cell in saved.cells} == {"saved"}
    assert c.line().marks == {"tx1": 85, "tx2": 75, "gk": 90}


def test_an_emptied_cell_in_the_file_empties_the_book():
    c = ready_class(pupils=1)
    save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=c.edits({"tx1": "5", "tx2": "6"}))
    preview = preview_of(c, written(c, ĐĐGtx_1=None))
    assert [(x.heading, x.old, x.new) for x in preview.changes] == [("ĐĐGtx 1", "5", "")]


@pytest.mark.parametrize("value", [11, -1, 8.25, "tám", "Đ", "١", "8,5,5"])
def test_a_wrong_value_is_a_fault_and_the_right_ones_remain(value):
    c = ready_class(pupils=1)
    preview = preview_of(c, written(c, ĐĐGtx_1=value, ĐĐGgk=9))
    assert [(fault.heading, fault.row) for fault in preview.faults] == [("ĐĐGtx 1", 5)]
    assert [edit.col for edit in preview.edits] == ["gk"]


def test_what_a_colleague_wrote_after_the_file_was_made_is_not_overwritten():
    c = ready_class(pupils=1)
    save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=c.edits({"tx1": "5"}))
    data = written(c, ĐĐGtx_1=6, ĐĐGtx_2=7)
    save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=c.edits({"tx1": "9"}))
    preview = preview_of(c, data)
    assert [(fault.heading, "đã được sửa thành 9" in fault.sentence) for fault in preview.faults] == [("ĐĐGtx 1", True)]
    assert [edit.col for edit in preview.edits] == ["tx2"]


def test_another_sheets_file_and_a_foreign_file_are_refused():
    c = ready_class(pupils=1)
    with pytest.raises(Invalid) as refusal:
        preview_of(c, written(c, "ngu_van"))
    assert refusal.value.code == "gradebook.other_sheet"
    book = load_workbook(BytesIO(written(c)))
    book.active["A3"] = "không còn mã"
    output = BytesIO()
    book.save(output)
    with pytest.raises(Invalid) as refusal:
        preview_of(c, output.getvalue())
    assert refusal.value.code == "gradebook.no_sheet_in_file"
    with pytest.raises(Invalid):
        preview_of(c, b"not a workbook")


def test_a_row_of_somebody_else_and_a_row_twice_are_faults():
    c = ready_class(pupils=2)
    book = load_workbook(BytesIO(written(c, ĐĐGgk=9)))
    page = book.active
    page["A7"] = page["A6"].value
    page["A8"] = "0189-none"
    output = BytesIO()
    book.save(output)
    preview = preview_of(c, output.getvalue())
    assert [fault.row for fault in preview.faults] == [6, 7]
    assert len(preview.edits) == 1


def upload(client, c: ReadyClass, data: bytes):
    url = reverse("gradebook:bring_in", args=[c.sheets["toan", 1].pk])
    return url, client.post(url, {"file": SimpleUploadedFile("diem.xlsx", data)})


def test_by_the_page_first_a_preview_then_the_marks():
    c = ready_class(pupils=1)
    client = browser(c.teacher)
    url, reply = upload(client, c, written(c, ĐĐGtx_1=8.5, ĐĐGtx_2=12))
    page = text_of(reply)
    assert "Có 1 ô chưa ghi được" in page and "1 ô sẽ thay đổi" in page
    assert not SheetLine.objects.exclude(marks={}).exists()
    marked = client.get(url + re.search(r'href="(\?tep=[^"]+)"', page)[1])
    comments = [
        cell.comment.text
        for row in load_workbook(BytesIO(marked.content)).active.iter_rows()
        for cell in row
        if cell.comment
    ]
    assert any("thang điểm" in text for text in comments)
    edits = re.search(r'name="edits" value="([^"]+)"', page)[1]
    assert client.post(url, {"edits": edits}).status_code == 302
    assert c.line().marks == {"tx1": 85}
    assert Line.objects.filter(action="gradebook.sheet_imported").count() == 1
    assert client.post(url, {"edits": edits + "x"}).status_code == 400
    other = reverse("gradebook:bring_in", args=[c.sheets["ngu_van", 1].pk])
    assert client.post(other, {"edits": edits}).status_code == 404


def test_a_locked_sheet_and_a_reader_bring_nothing_in():
    c = full_class(pupils=1)
    data = written(c, ĐĐGtx_1=3)
    _url, reply = upload(browser(c.actor(Role.PRINCIPAL)), c, data)
    assert reply.status_code == 403
    lock_term(actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022, term=1)
    _url, reply = upload(browser(c.teacher), c, data)
    assert reply.status_code == 409
    assert c.line().marks["tx1"] == 85


def test_the_export_is_noted_and_a_corrected_value_goes_out():
    c = full_class(pupils=1)
    SheetLine.objects.filter(pk=c.line().pk).update(corrected={"tx1": 100})
    url = reverse("gradebook:workbook", args=[c.sheets["toan", 1].pk])
    client = browser(c.teacher)
    assert load_workbook(BytesIO(client.get(url).content)).active["F6"].value == 10
    assert load_workbook(BytesIO(client.get(url + "?trong=1").content)).active["F6"].value is None
    assert Line.objects.filter(action="gradebook.sheet_exported").count() == 2
