"""Invented Vietnamese names, of the majority and of minorities of the region; any likeness to a person is chance."""

import random
from dataclasses import dataclass

FAMILIES = (
    *("Nguyễn",) * 30, *("Trần",) * 12, *("Lê",) * 11, *("Phạm",) * 6, *("Hoàng",) * 6, *("Phan",) * 5, *("Võ",) * 4,
    *("Đặng",) * 3, *("Bùi",) * 3, *("Đỗ",) * 3, *("Hồ",) * 3, *("Ngô",) * 2, *("Dương",) * 2, *("Lý",) * 1,
    "Đinh", "Trương", "Mai", "Cao", "Lương", "Thái", "Tạ", "Đoàn", "Văn", "Trịnh",
)  # fmt: skip
BOYS_MIDDLE = ("Văn", "Đức", "Minh", "Quang", "Hữu", "Gia", "Anh", "Tuấn", "Quốc", "Bảo", "Thành", "Hoàng", "Xuân", "Nhật", "Đình")
GIRLS_MIDDLE = ("Thị", "Thị", "Thị", "Ngọc", "Thu", "Minh", "Thanh", "Bảo", "Khánh", "Phương", "Quỳnh", "Như", "Hà", "Mai", "Thị Thu", "Thị Ngọc")
BOYS = (
    "An", "Anh", "Bảo", "Bình", "Cường", "Dũng", "Duy", "Đạt", "Đông", "Đức", "Giang", "Hải", "Hiếu", "Hoàng", "Huy",
    "Hùng", "Hưng", "Khang", "Khánh", "Khoa", "Khôi", "Kiên", "Lâm", "Long", "Lộc", "Mạnh", "Minh", "Nam", "Nghĩa",
    "Nguyên", "Nhân", "Nhật", "Phát", "Phong", "Phú", "Phúc", "Quân", "Quang", "Quý", "Sơn", "Tài", "Tâm", "Thắng",
    "Thành", "Thiện", "Thịnh", "Tiến", "Toàn", "Trí", "Trung", "Tú", "Tuấn", "Tùng", "Việt", "Vinh", "Vũ",
)  # fmt: skip
GIRLS = (
    "An", "Anh", "Ánh", "Chi", "Diễm", "Diệp", "Dung", "Duyên", "Giang", "Hà", "Hạnh", "Hân", "Hằng", "Hiền", "Hoa",
    "Hồng", "Huệ", "Huyền", "Hương", "Hường", "Khánh", "Lan", "Liên", "Linh", "Loan", "Ly", "Mai", "My", "Mỹ", "Nga",
    "Ngân", "Ngọc", "Nguyệt", "Nhi", "Nhung", "Như", "Oanh", "Phương", "Phượng", "Quyên", "Quỳnh", "Tâm", "Thảo",
    "Thanh", "Thơ", "Thu", "Thư", "Thương", "Thùy", "Thủy", "Tiên", "Trang", "Trâm", "Trinh", "Tú", "Tuyết", "Uyên",
    "Vân", "Vy", "Xuân", "Yến",
)  # fmt: skip
# Bru-Vân Kiều and Tà Ôi (Pa Cô) of Hướng Hóa and Đakrông often take Hồ; Tày and Nùng of Thái Nguyên Nông, Hoàng, Ma.
MINORITIES = {
    "23": ("23", ("Hồ",), ("Văn", "A", "Pả"), ("Thị", "Y"), ("Chơn", "Thơi", "Nhơn", "Viên", "Lăng", "Xuôi", "Ku", "Tăng"), ("Lê", "Nhung", "Thơm", "Xoan", "Mươi", "Pưng", "Líp", "Nai")),
    "31": ("31", ("Hồ", "Kăn"), ("Văn", "A"), ("Thị", "Kăn"), ("Ngoan", "Mơ", "Tiếp", "Đơn", "Hôm"), ("Hiên", "Lịch", "Mai", "Sương")),
    "02": ("02", ("Nông", "Hoàng", "Ma", "Lục", "Bế"), ("Văn", "Quang", "Đình"), ("Thị", "Hồng"), BOYS, GIRLS),
    "07": ("07", ("Nông", "Lương", "Hoàng", "Vi"), ("Văn", "Thế"), ("Thị", "Bích"), BOYS, GIRLS),
}  # fmt: skip


@dataclass(frozen=True)
class Name:
    full: str
    female: bool
    ethnic: str  # code list ethnic-groups


def invent(chance: random.Random, minority_share: float = 0.08, female: bool | None = None) -> Name:
    """One invented name. Minority names follow the customs of the group, in so far as class lists show them."""
    girl = chance.random() < 0.487 if female is None else female
    if chance.random() < minority_share:
        ethnic, families, boys_middle, girls_middle, boys, girls = MINORITIES[chance.choice(list(MINORITIES))]
        middle, given = (girls_middle, girls) if girl else (boys_middle, boys)
        return Name(f"{chance.choice(families)} {chance.choice(middle)} {chance.choice(given)}", girl, ethnic)
    middle, given = (GIRLS_MIDDLE, GIRLS) if girl else (BOYS_MIDDLE, BOYS)
    family = chance.choice(FAMILIES)
    words = [family, chance.choice(middle)]
    for _ in range(2 if chance.random() < 0.25 else 1):
        words.append(chance.choice([word for word in given if word not in words]))
    return Name(" ".join(words), girl, "01")
