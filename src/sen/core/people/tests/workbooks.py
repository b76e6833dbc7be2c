"""Workbooks as schools send them, with invented people."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.core.people.imports import reading, runs, targets
from sen.core.people.tests.factories import BOYS, GIRLS, MEN, WOMEN
from sen.shared.documents.xlsx_in import ReadSheet
from sen.shared.kit.errors import Invalid

HEADINGS = (
    "STT", "Mã HS", "Họ và tên", "Ngày sinh", "Giới tính", "Dân tộc", "Số ĐDCN/CCCD", "Lớp", "Nơi sinh",
    "Địa chỉ thường trú", "Họ tên cha", "Năm sinh cha", "SĐT cha", "Nghề nghiệp cha", "Họ tên mẹ", "SĐT mẹ",
)  # fmt: skip


def book(*rows: Sequence[Any], title: str | None = None, merges: Sequence[str] = (), sheet: str = "Danh sách") -> bytes:
    """A workbook with one sheet of these rows, under a title when one is given."""
    made = Workbook()
    page = made.active
    page.title = sheet
    for line in [[title], []] if title else []:
        page.append(line)
    for row in rows:
        page.append(list(row))
    for area in merges:
        page.merge_cells(area)
    output = BytesIO()
    made.save(output)
    return output.getvalue()


def pupil_rows(count: int, *, per_class: int = 40, grades: Sequence[int] = (6, 7, 8, 9)) -> list[list[Any]]:
    """Rows under `HEADINGS`: every pupil different, one family in ten with two children at the school."""
    rows: list[list[Any]] = []
    for number in range(count):
        boy = number % 2 == 0
        grade = grades[number // per_class % len(grades)]
        names = BOYS if boy else GIRLS
        family, _, given = names[number % 12].rpartition(" ")
        name = f"{family} {MIDDLE[number // 12 % len(MIDDLE)]} {given}"
        born = date(2022 - 5 - grade, 1 + number % 12, 1 + number % 28)
        parents = number - 1 if number % 10 == 1 else number
        rows.append(
            [
                number + 1,
                f"HS{number + 1:05d}",
                name,
                born.strftime("%d/%m/%Y") if number % 3 else born,
                "Nam" if boy else "Nữ",
                ("Kinh", "Bru Vân Kiều", "Mông", "Thái")[number % 4],
                f"045{2 if boy else 3}{born.year % 100:02d}{number:06d}",
                f"{grade}{chr(65 + number // per_class // len(grades))}",
                "Quảng Trị",
                f"Thôn {number % 9 + 1}, xã Thử Nghiệm",
                f"{MEN[parents % 7]}",
                1975 + parents % 15,
                f"09{parents:08d}",
                "Nông dân",
                f"{WOMEN[parents % 7]}",
                f"03{parents:08d}",
            ]
        )
    return rows


MIDDLE = (
    "Minh", "Gia", "Hải", "Khánh", "Ngọc", "Quỳnh", "Bảo", "Thanh", "Tuệ", "Phương", "Hoài", "An", "Đăng", "Kiều",
    "Mai", "Nhật", "Phúc", "Tâm", "Uyên", "Việt", "Xuân", "Yến", "Ánh", "Bích", "Cẩm", "Diệu", "Giang", "Hà", "Khôi",
    "Lam", "My", "Nga", "Oanh", "Phong", "Quý", "Sơn", "Thảo", "Trúc", "Tú", "Vân", "Vy", "Ý", "Châu", "Duy", "Đan",
    "Hân", "Huy", "Kim", "Lan", "Linh", "Long", "Nam", "Nghi", "Nhi", "Nguyên", "Như", "Phát", "Quân", "Sang", "Tài",
    "Thư", "Tiến", "Toàn", "Trâm", "Trang", "Tuyết", "Vũ", "Đạt", "Đức", "Ân", "Băng", "Cát", "Di", "Đông", "Hạ",
    "Hiền", "Hòa", "Hồng", "Hương", "Kha", "Khang", "Kiên", "Lâm", "Lệ", "Liên", "Loan", "Lộc", "Lợi", "Mẫn", "Mạnh",
    "Mỹ", "Nhân", "Ninh", "Phi", "Phú", "Quang", "Sa", "Thái", "Thịnh", "Thu",
)  # fmt: skip


CELLS = st.one_of(
    st.just(""), st.text(max_size=30), st.floats(), st.integers(-(10**12), 10**12), st.booleans(), st.dates(),
    st.datetimes(),
    st.times(), st.timedeltas(), st.sampled_from(["#N/A", "\x00", "(1)", "=1", "  "]),
)  # fmt: skip
# Values that make sense, so that many rows get far enough to be written.
GOOD = {
    "full_name": ["Vừ A Sùng", "Lò Thị Ín", "HỒ VĂN PỈA", "Nguyễn Thị Hường"],
    "birth_date": ["9/3/2011", 40611, "10/4/2010"],
    "class_name": ["6A", "Lớp 10A1", "9/2"], "grade": ["6", 10.0], "gender_code": ["Nam", "nữ"],
    "ethnic_code": ["Kinh", "1"],
    "local_code": ["A1", "A2"], "student_code": ["450001", 450002], "staff_code": ["C1", "C2"],
    "personal_id": ["045211000001", 45311000002],
    "father_name": ["Vừ Mí Dính"], "mother_name": ["Giàng Thị Dở"], "father_phone": ["0912345678"],
    "parent_phone": [387654321],
    "group_code": ["Giáo viên", "02"], "position_code": ["Hiệu trưởng"], "main_subject_code": ["Toán"],
    "started_on": ["1/9/2020"],
    "form_teacher": ["Ngô Thị Ấm"], "teacher": ["Ngô Thị Ấm"], "subject": ["Toán", "KHTN"],
    "class_names": ["6Z", "6Z, 6Y"], "term": ["1", ""],
}  # fmt: skip

USUAL = ("full_name", "birth_date", "class_name", "group_code", "teacher", "subject", "class_names")


@st.composite
def sheets(draw: Any, target: targets.Target) -> ReadSheet:
    """Any sheet under headings of the kind."""
    columns = [column for column in target.columns if column.key in USUAL and draw(st.integers(0, 9)) < 9]
    others = [column for column in target.columns if column.key not in USUAL]
    columns += draw(st.lists(st.sampled_from(others), min_size=1, max_size=8, unique_by=lambda column: column.key))
    for keys in target.required:
        if draw(st.integers(0, 9)) and not any(column.key in keys for column in columns):
            columns.append(next(column for column in target.columns if column.key == keys[0]))
    cell = {
        column.key: st.integers(0, 15).flatmap(
            lambda n, key=column.key: CELLS if n == 15 else st.sampled_from(GOOD.get(key, [""]))
        )
        for column in columns
    }
    rows = draw(st.lists(st.tuples(*(cell[column.key] for column in columns)), min_size=1, max_size=8))
    areas = draw(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, 3), st.integers(0, 3)), max_size=2)
    )
    merged = tuple(((top, left), (top + down, left + right)) for top, left, down, right in areas)
    return ReadSheet("Trang", [[column.headings[0] for column in columns], *map(list, rows)], merged)


def stand_any_content(school: Organisation, kind: str, monkeypatch: Any) -> None:
    """Whatever stands in a file: no crash, every fault has a place, and what was written is found again."""
    system, written = Actor.system("test"), []

    @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
    @given(sheets(targets.target(kind)))
    def holds(sheet: ReadSheet) -> None:
        monkeypatch.setattr(reading, "read_workbook", lambda _data: [sheet])
        try:
            preview = runs.look(actor=system, school=school, year=2022, kind=kind, data=b"")
        except Invalid as refused:
            assert str(refused)
            return
        for fault in (*preview.faults, *preview.doubts):
            assert fault.sentence
            assert preview.place_of(fault)
        assert sum(preview.counts.values()) == len(preview.judged)
        if preview.to_write:
            preview.target.write(targets.Place(system, school, 2022), preview.to_write)
            written.append(len(preview.to_write))
            again = runs.look(actor=system, school=school, year=2022, kind=kind, data=b"")
            assert (again.counts["new"], again.counts["changed"]) == (0, 0)

    holds()
    assert written
