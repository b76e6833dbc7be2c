"""A made-up mark sheet that answers like the real one."""

import json
import random
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

FAMILY = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
]
MIDDLE = ["Thị Ngọc", "Hoàng Minh", "Thị Thanh", "Quốc", "Đức", "Thị Kim", "Gia", "Phương", "Hữu", "Thị Hồng", "Văn"]
GIVEN = [
    "An",
    "Ánh",
    "Bảo",
    "Châu",
    "Duyên",
    "Đạt",
    "Giang",
    "Hà",
    "Hân",
    "Huy",
    "Khang",
    "Khánh",
    "Lan",
    "Linh",
    "Long",
    "Ly",
    "Mai",
    "Nam",
    "Ngân",
    "Nghĩa",
    "Nhi",
    "Phong",
    "Phúc",
    "Quân",
    "Quỳnh",
    "Sơn",
    "Tâm",
    "Thảo",
    "Trang",
    "Uyên",
    "Vy",
    "Yến",
]
COLUMNS = [("tx1", "TX1"), ("tx2", "TX2"), ("tx3", "TX3"), ("tx4", "TX4"), ("gk", "Giữa kỳ"), ("ck", "Cuối kỳ")]
PHRASES = [
    {
        "group": "Ghi nhận",
        "phrases": [
            "Em {ten} nắm chắc kiến thức, trình bày bài rõ ràng.",
            "Có tiến bộ rõ so với đầu học kỳ.",
            "Tích cực phát biểu và giúp đỡ bạn.",
        ],
    },
    {
        "group": "Cần cố gắng",
        "phrases": [
            "Cần luyện thêm kỹ năng tính toán.",
            "Cần làm bài tập ở nhà đều hơn.",
            "Đọc kỹ đề trước khi làm bài.",
        ],
    },
]


def make() -> tuple[list[dict[str, Any]], dict[tuple[str, str], dict[str, Any]]]:
    """Return pupils and cells, the same every time."""
    chance = random.Random(9)  # noqa: S311  # made-up marks
    pupils = []
    for number in range(45):
        name = f"{chance.choice(FAMILY)} {chance.choice(MIDDLE)} {GIVEN[number % len(GIVEN)]}"
        pupils.append({"id": f"0192-{number:04d}", "name": name, "gone": number == 17})
    pupils[3]["name"] = "Công Tằng Tôn Nữ Thị Hoàng Phương Bảo"
    pupils[9]["name"] = "H’Hoen Niê Kđăm Ea Súp"
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for pupil in pupils:
        level = chance.gauss(7, 1.4)
        for key, _ in COLUMNS:
            known = key in ("tx1", "tx2", "gk") or (key == "tx3" and chance.random() < 0.5)
            value = str(min(max(round(chance.gauss(level, 0.8) * 2) / 2, 1), 10)).removesuffix(".0") if known else None
            cells[pupil["id"], key] = {"value": value, "version": int(known), "by": "", "at": 0}
        cells[pupil["id"], "remark"] = {"value": None, "version": 0, "by": "", "at": 0}
    return pupils, cells


PUPILS, CELLS = make()
SEEN: dict[str, dict[str, Any]] = {}
CLOCK = [0]


def average(pupil: str) -> str:
    """Circular 22: regular marks weigh 1, mid-term 2, final 3; nothing without both."""
    values = {key: CELLS[pupil, key]["value"] for key, _ in COLUMNS}
    if values["gk"] is None or values["ck"] is None:
        return ""
    regular = [Decimal(values[key]) for key in ("tx1", "tx2", "tx3", "tx4") if values[key]]
    total = sum(regular) + 2 * Decimal(values["gk"]) + 3 * Decimal(values["ck"])
    return str((total / (len(regular) + 5)).quantize(Decimal("0.1"), ROUND_HALF_UP)).replace(".", ",")


def missing() -> int:
    gone = {pupil["id"] for pupil in PUPILS if pupil["gone"]}
    return sum(
        1 for (pupil, key), cell in CELLS.items() if key != "remark" and cell["value"] is None and pupil not in gone
    )


def bins() -> list[int]:
    values = [Decimal(CELLS[p["id"], "gk"]["value"] or 0) for p in PUPILS if not p["gone"]]
    return [sum(1 for value in values if min(int(value), 9) == n) for n in range(10)]


def write(pupil: str, key: str, value: str | None, by: str) -> None:
    CLOCK[0] += 1
    cell = CELLS[pupil, key]
    cell.update(value=value, version=cell["version"] + 1, by=by, at=CLOCK[0])


def save(edit: dict[str, Any]) -> dict[str, Any]:
    where = {"row": edit["row"], "col": edit["col"]}
    cell = CELLS[edit["row"], edit["col"]]
    if edit["version"] != cell["version"] and edit["value"] != cell["value"]:
        return {**where, "state": "conflict", "value": cell["value"], "version": cell["version"], "by": cell["by"]}
    try:
        too_high = edit["col"] != "remark" and edit["value"] is not None and not 0 <= Decimal(edit["value"]) <= 10
    except InvalidOperation:
        too_high = True
    if too_high:
        return {**where, "state": "refused", "message": "Điểm phải từ 0 đến 10.", "version": cell["version"]}
    write(edit["row"], edit["col"], edit["value"], "tôi")
    return {**where, "state": "saved", "value": cell["value"], "version": cell["version"]}


def cells(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        since = int(request.GET.get("since") or 0)
        new = [
            {"row": p, "col": k, "value": c["value"], "version": c["version"], "by": c["by"]}
            for (p, k), c in CELLS.items()
            if c["at"] > since
        ]
        return JsonResponse({"cells": new, "cursor": str(CLOCK[0]), "missing": missing()})
    body = json.loads(request.body)
    if body["request_id"] not in SEEN:
        answers = [save(edit) for edit in body["cells"]]
        rows = [{"row": row, "average": average(row)} for row in {edit["row"] for edit in body["cells"]}]
        SEEN[body["request_id"]] = {"cells": answers, "rows": rows, "missing": missing()}
    return JsonResponse(SEEN[body["request_id"]])


def colleague(request: HttpRequest) -> HttpResponse:
    """Another person writes: /so-diem/colleague?row=0&col=tx4&value=7.5."""
    pupil = PUPILS[int(request.GET["row"])]["id"]
    write(pupil, request.GET["col"], request.GET.get("value"), "Cô Ngọc Lan")
    return JsonResponse({"ok": True})


def page(request: HttpRequest) -> HttpResponse:
    rows = [
        {
            **pupil,
            "number": number,
            "cells": [{"col": key, "label": label, **CELLS[pupil["id"], key]} for key, label in COLUMNS],
            "remark": CELLS[pupil["id"], "remark"],
            "average": average(pupil["id"]),
        }
        for number, pupil in enumerate(PUPILS, 1)
    ]
    context = {
        "rows": rows,
        "columns": COLUMNS,
        "missing": missing(),
        "cursor": CLOCK[0],
        "bins": [(str(n) if n else "0", count) for n, count in enumerate(bins())],
        "phrases": json.dumps(PHRASES, ensure_ascii=False),
        "locked": "locked" in request.GET,
    }
    return render(request, "demo/sheet.html", context)
