"""Workbooks go out safe to work in, and come in whatever program made them."""

import random
import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from sen.shared.documents import xlsx_in
from sen.shared.documents.headings import find_header_row, folded
from sen.shared.documents.xlsx_in import ReadSheet, mark_faults, merged_value, read_workbook
from sen.shared.documents.xlsx_out import Column, Sheet, cell_name, write_workbook
from sen.shared.kit.errors import Invalid

COLUMNS = (
    Column("STT", 6, "integer"),
    Column("Họ và tên", 28),
    Column("Ngày sinh", 12, "date"),
    Column("Xếp loại", 12, choices=("Tốt", "Khá", "Đạt", "Chưa đạt"), editable=True),
    Column("Điểm", 8, "decimal", editable=True, hint="Từ 0 đến 10"),
)
ROWS = (
    (1, "Nguyễn Thị Mẫu", date(2010, 9, 5), "Tốt", Decimal("8.5")),
    (2, "Trần Văn Thử", None, "", None),
)


def book(**changes: object) -> bytes:
    options: dict = {"rows": ROWS, "titles": ("BẢNG ĐIỂM", "Năm học 2022-2023"), "protected": True, "blank_rows": 3}
    return write_workbook([Sheet("Lớp 7A", COLUMNS, **(options | changes))])


def test_what_is_written_is_read_back():
    (sheet,) = read_workbook(book())
    assert sheet.name == "Lớp 7A"
    assert sheet.rows[0][0] == "BẢNG ĐIỂM"
    assert sheet.rows[3] == ["STT", "Họ và tên", "Ngày sinh", "Xếp loại", "Điểm"]
    assert sheet.rows[4] == [1.0, "Nguyễn Thị Mẫu", date(2010, 9, 5), "Tốt", 8.5]
    assert sheet.rows[5] == [2.0, "Trần Văn Thử", "", "", ""]


@pytest.mark.parametrize("text", ["=1+1", "+84 912", "-5", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1"])
def test_a_text_that_looks_like_a_formula_stays_a_text(text: str):
    data = book(rows=[(1, text, None, "", None)])
    page = load_workbook(BytesIO(data))["Lớp 7A"]
    cell = page["B5"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    assert read_workbook(data)[0].rows[4][1] == text


def test_only_editable_cells_are_unlocked_in_a_protected_sheet():
    page = load_workbook(BytesIO(book()))["Lớp 7A"]
    assert page.protection.sheet
    assert [page.cell(5, column).protection.locked for column in range(1, 6)] == [True, True, True, False, False]
    assert page.cell(8, 5).protection.locked is False


def test_headings_stay_in_view_and_choices_are_offered():
    page = load_workbook(BytesIO(book(frozen_columns=2)))["Lớp 7A"]
    assert page.freeze_panes == "C5"
    (rule,) = page.data_validations.dataValidation
    assert (rule.formula1, str(rule.sqref)) == ('"Tốt,Khá,Đạt,Chưa đạt"', "D5:D9")
    assert page["E4"].comment.text == "Từ 0 đến 10"


def test_a_long_list_of_choices_goes_to_a_hidden_sheet():
    provinces = tuple(f"Tỉnh thứ {number}, vùng {number % 8}" for number in range(63))
    data = write_workbook([Sheet("A", [Column("Nơi sinh", choices=provinces)], [("x",)])])
    loaded = load_workbook(BytesIO(data))
    assert loaded["_danh_muc"].sheet_state == "hidden"
    assert loaded["_danh_muc"]["A63"].value == provinces[62]
    assert loaded["A"].data_validations.dataValidation[0].formula1 == "_danh_muc!$A$1:$A$63"
    assert [sheet.name for sheet in read_workbook(data)] == ["A"]


def test_faults_written_at_once_are_coloured_and_explained():
    page = load_workbook(BytesIO(book(faults={(0, 4): "Điểm phải từ 0 đến 10."})))["Lớp 7A"]
    assert page["E5"].comment.text == "Điểm phải từ 0 đến 10."
    assert page["E5"].fill.start_color.rgb == "FFFECACA"


def test_a_file_comes_back_with_its_faults_marked_and_all_else_unchanged():
    original = book()
    marked = mark_faults(original, [("Lớp 7A", 4, 1, "Không có học sinh này."), ("Lớp 7A", 4, 1, "Trùng tên.")])
    assert read_workbook(marked)[0].rows == read_workbook(original)[0].rows
    page = load_workbook(BytesIO(marked))["Lớp 7A"]
    assert page["B5"].comment.text == "Không có học sinh này.\nTrùng tên."
    assert page["B5"].fill.start_color.rgb == "00FECACA"
    assert page["E4"].comment.text == "Từ 0 đến 10"
    assert page.freeze_panes == "A5"
    assert page.protection.sheet


def test_a_fault_in_a_merged_cell_is_written_where_it_shows():
    source = load_workbook(BytesIO(book()))
    source["Lớp 7A"].merge_cells("A1:E1")
    output = BytesIO()
    source.save(output)
    marked = mark_faults(output.getvalue(), [("Lớp 7A", 0, 3, "Sai tiêu đề.")])
    assert load_workbook(BytesIO(marked))["Lớp 7A"]["A1"].comment.text == "Sai tiêu đề."


def open_document(text: str = "Họ tên") -> bytes:
    """A small .ods file."""
    cell = f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Sheet1"><table:table-row>{cell}</table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    output = BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return output.getvalue()


def test_an_open_document_is_read_and_comes_back_as_xlsx_with_its_faults():
    data = open_document("=CMD()")
    assert read_workbook(data)[0].rows == [["=CMD()"]]
    page = load_workbook(BytesIO(mark_faults(data, [("Sheet1", 0, 0, "Sai.")])))["Sheet1"]
    assert (page["A1"].value, page["A1"].data_type, page["A1"].comment.text) == ("=CMD()", "s", "Sai.")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ho ten,diem\nA,1\n",
        b"%PDF-1.7 x",
        b"<html><table><tr><td>A</td></tr></table></html>",
        b"PK\x03\x04rubbish",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    ],
)
def test_a_wrong_file_is_refused_with_the_remedy(data: bytes):
    for use in (read_workbook, lambda data: mark_faults(data, [])):
        with pytest.raises(Invalid) as caught:
            use(data)
        assert caught.value.code == "documents.not_a_spreadsheet"
        assert "lưu lại dạng .xlsx" in str(caught.value)


def test_a_workbook_with_a_password_is_refused_by_name():
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(Invalid) as caught:
        read_workbook(locked)
    assert caught.value.code == "documents.spreadsheet_locked"


def test_a_file_that_unpacks_to_far_too_much_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(xlsx_in, "LARGEST_UNPACKED", 3 << 20)
    output = BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/a.xml", "w") as part:
        for _megabyte in range(4):
            part.write(b"\0" * (1 << 20))
    with pytest.raises(Invalid) as caught:
        read_workbook(output.getvalue())
    assert caught.value.code == "documents.file_too_large"


def test_a_lie_about_the_unpacked_size_does_not_help():
    output = BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 5_000_000)
    data = output.getvalue().replace((5_000_000).to_bytes(4, "little"), (5).to_bytes(4, "little"))
    with pytest.raises(Invalid) as caught:
        read_workbook(data)
    assert caught.value.code == "documents.not_a_spreadsheet"


def test_one_cell_far_away_does_not_fill_the_memory():
    source = load_workbook(BytesIO(book()))
    source["Lớp 7A"]["XFD1048576"] = "x"
    output = BytesIO()
    source.save(output)
    with pytest.raises(Invalid) as caught:
        read_workbook(output.getvalue())
    assert caught.value.code == "documents.file_too_large"


def test_a_file_over_the_limit_is_refused_before_it_is_looked_at():
    with pytest.raises(Invalid, match="lớn hơn 20 MB"):
        read_workbook(b"\0" * (20 * 1024 * 1024 + 1))


def test_no_damaged_workbook_breaks_the_reader():
    whole, chance = book(), random.Random(7)
    for _try in range(12):
        damaged = bytearray(whole)
        for _byte in range(8):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            read_workbook(bytes(damaged))
        except Invalid as refusal:
            assert refusal.code.startswith("documents.")


HEADINGS = {"name": ("Họ và tên", "Họ tên học sinh"), "born": "Ngày sinh", "mark": "Điểm"}


def test_headings_are_recognised_without_marks_in_any_order_and_spacing():
    rows = [
        ["DANH SÁCH HỌC SINH"],
        ["Lớp 7A"],
        [],
        ["diem", "Ghi chú", "NGÀY\n SINH *", "ho  ten hoc sinh:"],
        [8, "", "", "A"],
    ]
    header = find_header_row(rows, HEADINGS)
    assert (header.first, header.last) == (3, 3)
    assert header.columns == {"mark": 0, "born": 2, "name": 3}
    assert header.unknown == {1: "Ghi chú"}


def test_headings_of_two_and_three_rows_are_told_apart_by_what_stands_above():
    wanted = {"name": "Họ tên", "first": "Học kì I / Toán", "second": "Học kì II / Toán"}
    rows = [
        ["STT", "Họ tên", "Học kì I", "", "Học kì II", ""],
        ["", "", "Toán", "Văn", "Toán", "Văn"],
        [1, "A", 8, 7, 9, 6],
    ]
    header = find_header_row(rows, wanted)
    assert (header.last, header.columns) == (1, {"name": 1, "first": 2, "second": 4})
    assert header.unknown[3] == "Học kì I / Văn"
    deep = [["Họ tên", "Điểm", "", ""], ["", "Học kì I", "", "Cả năm"], ["", "TX 1", "TX 2", ""], ["A", 1, 2, 3]]
    found = find_header_row(deep, {"name": "Họ tên", "tx2": "Điểm / Học kì I / TX 2", "year": "Điểm / Cả năm"})
    assert (found.last, found.columns) == (2, {"name": 0, "tx2": 2, "year": 3})


def test_a_merged_heading_counts_for_the_columns_under_it_and_data_begin_below_it():
    sheet = ReadSheet(
        "A",
        [["Họ tên", "Điểm", ""], ["", 1.0, 2.0], ["A", 8.0, 9.0]],
        merged=(((0, 0), (1, 0)), ((0, 1), (0, 2))),
    )
    header = find_header_row(sheet, {"name": "Họ tên", "one": "Điểm 1", "two": "Điểm 2"})
    assert (header.last, header.columns) == (1, {"name": 0, "one": 1, "two": 2})
    assert find_header_row(sheet, {"name": "Họ tên"}).last == 1
    assert merged_value(sheet, 0, 2) == "Điểm"


def test_a_missing_column_is_named_unless_it_may_be_missing():
    rows = [["Họ tên học sinh", "Điểm"]]
    with pytest.raises(Invalid, match="Thiếu cột: Ngày sinh") as caught:
        find_header_row(rows, HEADINGS)
    assert caught.value.code == "documents.missing_columns"
    assert find_header_row(rows, HEADINGS, required=["name"]).columns == {"name": 0, "mark": 1}


def test_a_column_that_stands_there_twice_is_named_with_its_cells():
    with pytest.raises(Invalid) as caught:
        find_header_row([["Họ và tên", "Ngày sinh", "Điểm", "Điểm"]], HEADINGS)
    assert str(caught.value) == "Cột “Điểm” xuất hiện nhiều lần (C1, D1)."


@pytest.mark.parametrize("rows", [[], [[]], [["a", "b"], ["c"]], [["x"] * 3] * 100])
def test_a_table_without_headings_is_refused(rows: list):
    with pytest.raises(Invalid) as caught:
        find_header_row(rows, HEADINGS)
    assert caught.value.code == "documents.no_header"


def test_cells_are_named_as_excel_names_them():
    assert [cell_name(0, 0), cell_name(4, 2), cell_name(99, 27)] == ["A1", "C5", "AB100"]


def test_folding_keeps_letters_and_numbers_only():
    assert folded("  ĐIỂM\n TX-1 (*) ") == "diem tx 1"
    assert folded(3.0) == "3"
