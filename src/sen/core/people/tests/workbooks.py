"""Workbooks as schools send them, with invented people."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook

from sen.core.people.tests.factories import BOYS, GIRLS, MEN, WOMEN

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
