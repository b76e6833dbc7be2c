"""Files that are no lists, or that mean harm: a sentence, and nothing changed."""

import zipfile
from io import BytesIO

import pytest

from sen.core.identity.actor import Actor
from sen.core.people.imports import reading, runs
from sen.core.people.models import ImportRun
from sen.core.people.tests.factories import SchoolFactory
from sen.core.people.tests.workbooks import HEADINGS, book, pupil_rows, stand_any_content
from sen.shared.kit.errors import Invalid

SYSTEM = Actor.system("test")


def look(school, data, kind="pupils"):
    return runs.look(actor=SYSTEM, school=school, year=2022, kind=kind, data=data)


def bomb():
    """A workbook whose one sheet unpacks to 400 MB."""
    output = BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(400):
                part.write(b" " * 1024 * 1024)
    return output.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "documents.not_a_spreadsheet"),
        (b"%PDF-1.7 not a workbook", "documents.not_a_spreadsheet"),
        (b"PK\x03\x04 broken", "documents.not_a_spreadsheet"),
        (book(HEADINGS, *pupil_rows(3))[:2000], "documents.not_a_spreadsheet"),
        (book(), "people.import_empty"),
        (book(HEADINGS), "people.import_empty"),
        (book(["xin", "chào"], ["các", "bạn"]), "people.import_no_header"),
        (book(["Họ và tên", "Lớp"], ["Vừ A Sùng", "6A"]), "people.import_missing_columns"),
        (book(["Lớp", "Ngày sinh"], ["6A", "9/3/2011"]), "people.import_missing_columns"),
    ],
)
@pytest.mark.django_db
def test_what_is_no_list_is_refused_with_a_sentence(data, code):
    school = SchoolFactory()
    with pytest.raises(Invalid) as refused:
        runs.start(actor=SYSTEM, school=school, year=2022, kind="pupils", name="a.xlsx", data=data)
    assert refused.value.code == code
    assert str(refused.value).endswith(".")
    assert not ImportRun.objects.exists()


@pytest.mark.django_db
def test_a_bomb_is_refused():
    with pytest.raises(Invalid) as refused:
        look(SchoolFactory(), bomb())
    assert refused.value.code == "documents.file_too_large"


@pytest.mark.django_db
def test_missing_columns_are_named():
    with pytest.raises(Invalid) as refused:
        look(SchoolFactory(), book(["Họ và tên", "Lớp"], ["Vừ A Sùng", "6A"]))
    assert "“Ngày sinh" in str(refused.value)


@pytest.mark.django_db
def test_a_kind_that_does_not_exist_is_refused():
    with pytest.raises(Invalid):
        runs.start(actor=SYSTEM, school=SchoolFactory(), year=2022, kind="marks", name="a.xlsx", data=b"")
    assert not ImportRun.objects.exists()


@pytest.mark.django_db
def test_formulas_and_excel_errors_are_no_values():
    made = book(
        ("Họ và tên", "Ngày sinh", "Lớp", "Nơi sinh"),
        ["=1+1", "9/3/2011", "6A", "x"],
        ["Vừ A Sùng", "9/3/2011", "6A", "#REF!"],
        ["=cmd|' /C calc'!A0", "9/4/2011", "6A", "-x"],
    )
    preview = look(SchoolFactory(), made)
    # A formula that was never computed is an empty cell, as is one that failed: the name is missing.
    assert {preview.place_of(fault) for fault in preview.faults} == {"A2", "A4"}
    assert [one.values["pupil"].get("birth_place") for one in preview.judged if one.state == "new"] == [None]
    assert all("=" not in one.title for one in preview.judged)


@pytest.mark.django_db
def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 10)
    with pytest.raises(Invalid) as refused:
        look(SchoolFactory(), book(HEADINGS, *pupil_rows(11)))
    assert refused.value.code == "people.import_too_long"


@pytest.mark.django_db
def test_guidance_sheets_group_rows_and_column_numbers_are_no_data():
    data = book(
        ["STT", "Họ và tên", "Ngày sinh", "Lớp"], [1, 2, 3, 4], ["LỚP 6A"],
        [1, "Vừ A Sùng", "9/3/2011", "6A"], [2, None, None, None], [],
    )  # fmt: skip
    assert [one.title for one in look(SchoolFactory(), data).judged] == ["Vừ A Sùng"]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["pupils", "staff"])
def test_no_content_crashes_the_import_and_what_was_written_is_found_again(kind, monkeypatch):
    stand_any_content(SchoolFactory(levels=["lower_secondary", "upper_secondary"]), kind, monkeypatch)
