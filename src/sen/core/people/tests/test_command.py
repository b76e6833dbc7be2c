from io import BytesIO

import pytest
from openpyxl import load_workbook

from sen.core.people import commands
from sen.core.people.models import Pupil
from sen.core.people.tests.factories import SchoolFactory
from sen.core.people.tests.workbooks import HEADINGS, book, pupil_rows

pytestmark = pytest.mark.django_db


def run(tmp_path, data, **options):
    file = tmp_path / "hoc-sinh.xlsx"
    file.write_bytes(data)
    return commands.run(file, **{"year": 2022, "kind": "pupils", "write": False} | options)


def test_without_apply_nothing_is_written(tmp_path, capsys):
    school = SchoolFactory()
    assert run(tmp_path, book(HEADINGS, *pupil_rows(5)), school=school.code) == 0
    assert "5 mới" in capsys.readouterr().out
    assert not Pupil.objects.filter(school=school).exists()


def test_apply_writes_the_right_rows_and_tells_the_wrong_ones(tmp_path, capsys):
    school = SchoolFactory()
    data = book(HEADINGS, *pupil_rows(5), ["6", "HSX", "Sùng A Páo", "31/2/2011"])
    assert run(tmp_path, data, school=school.code, write=True, marked=tmp_path / "loi.xlsx") == 1
    told = capsys.readouterr().out
    assert "D7 · Ngày sinh" in told
    assert "Đã ghi: 5 mới" in told
    assert Pupil.objects.filter(school=school).count() == 5
    assert load_workbook(BytesIO((tmp_path / "loi.xlsx").read_bytes())).worksheets[0]["D7"].comment


@pytest.mark.parametrize(("data", "code"), [(b"x", None), (book(HEADINGS, *pupil_rows(1)), "khong-co")])
def test_a_refused_file_or_school_is_told(tmp_path, capsys, data, code):
    school = SchoolFactory()
    assert run(tmp_path, data, school=code or school.code, write=True) == 2
    assert capsys.readouterr().err.strip().endswith(".")
    assert not Pupil.objects.filter(school=school).exists()
