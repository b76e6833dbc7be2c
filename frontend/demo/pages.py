"""Pages and made-up data of the demo."""

import time
from typing import Any

import sheet
from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path

from sen.shared.ui.shell import Account, Choice, NavGroup, NavItem, Notices, Switch

SCHOOL = "Trường THCS Nguyễn Thị Minh Khai"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the shell as a subject teacher with a class of her own sees it."""
    here = request.path
    items = [
        NavItem("Việc hôm nay", "/", "home", here == "/", 7, phone=True),
        NavItem("Sổ điểm", "/so-diem/", "notebook", here.startswith("/so-diem"), 42, phone=True),
        NavItem("Danh sách", "/danh-sach/", "list-details", here.startswith("/danh-sach"), phone=True),
        NavItem("Biểu mẫu", "/bieu-mau/", "clipboard-text", here.startswith("/bieu-mau"), phone=True),
    ]
    own = [
        NavItem("Học sinh lớp 9A1", "#", "users"),
        NavItem("Học bạ", "#", "book-2", count=3),
        NavItem("Nhắn phụ huynh", "#", "messages"),
    ]
    return {
        "nav": [
            NavGroup("", items),
            NavGroup("Lớp chủ nhiệm", own),
            NavGroup(
                "Chuyên môn", [NavItem("Ngân hàng câu hỏi", "#", "help-circle"), NavItem("Học liệu số", "#", "books")]
            ),
        ],
        "where_switch": Switch(SCHOOL, [Choice(SCHOOL, "/", True, "Cơ sở chính"), Choice("Điểm trường Ea Kao", "#")]),
        "when_switch": Switch(
            "HK I · 2022–2023",
            [
                Choice("Học kỳ I, 2022–2023", "/", True),
                Choice("Học kỳ II, 2022–2023", "#"),
                Choice("2021–2022", "#", hint="Đã khóa sổ"),
            ],
        ),
        "notices": Notices("#", 4),
        "account": Account("Cô H’Linh Niê", "Giáo viên Toán, chủ nhiệm 9A1", [Choice("Hồ sơ của tôi", "#")]),
        "search_url": "/search",
        "help_url": "#",
        "sign_out_url": "/",
        "menu": [
            {"label": "Bản in", "url": "/in/", "icon": "printer"},
            {"label": "Xuất Excel", "url": "#", "icon": "file-spreadsheet"},
            {
                "label": "Xóa cột TX4",
                "url": "/",
                "icon": "trash",
                "danger": True,
                "method": "post",
                "confirm": "Xóa cột TX4 cùng 12 điểm trong cột?",
            },
        ],
    }


def home(request: HttpRequest) -> HttpResponse:
    work = [
        {
            "label": "Điểm giữa kỳ chưa nhập",
            "count": 12,
            "url": "/so-diem/",
            "hint": "Toán 9A1, 9A2 · hạn 05/11/2022",
            "urgent": True,
        },
        {"label": "Tiết chưa điểm danh", "count": 2, "url": "#", "hint": "Tiết 2 và tiết 4 hôm nay"},
        {"label": "Học bạ chờ ký", "count": 41, "url": "#"},
        {"label": "Phụ huynh chờ trả lời", "count": 0, "url": "#"},
    ]
    bars = [("9A1", 92, "#"), ("9A2", 88, "#"), ("9A3", 61.5, "#"), ("9A4", 100, "#")]
    return render(
        request,
        "demo/home.html",
        {"work": work, "bars": bars, "trend": [("T9", 92), ("T10", 94.5), ("T11", 91), ("T12", 96)]},
    )


def listing(request: HttpRequest) -> HttpResponse:
    columns = [
        {"key": "name", "label": "Trường", "sort": "name"},
        {"key": "commune", "label": "Xã, phường"},
        {"key": "classes", "label": "Số lớp", "num": True, "sort": "classes"},
        {"key": "pupils", "label": "Học sinh", "num": True, "sort": "pupils"},
        {"key": "rate", "label": "Chuyên cần (%)", "num": True, "decimals": 1},
    ]
    rows = [
        {
            "name": f"Trường Tiểu học {name} {n}",
            "commune": "Phường Tân Lợi",
            "classes": 12 + n % 9,
            "pupils": 380 + n * 37,
            "rate": 91 + n % 8 / 1.3,
            "url": "#",
        }
        for n, name in enumerate(
            ["Lê Văn Tám", "Kim Đồng", "Nguyễn Bỉnh Khiêm", "Phan Chu Trinh", "Võ Thị Sáu"] * 12, 1
        )
    ]
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    filters = [
        {
            "name": "cap",
            "label": "Cấp học",
            "value": request.GET.get("cap", "th"),
            "choices": [
                {"value": "th", "label": "Tiểu học", "count": 60},
                {"value": "thcs", "label": "THCS", "count": 41},
            ],
        },
        {
            "name": "vung",
            "label": "Vùng",
            "value": request.GET.get("vung"),
            "choices": [{"value": "kv1", "label": "Khu vực I"}, {"value": "kv2", "label": "Khu vực II"}],
        },
    ]
    totals = {
        "name": "Tổng",
        "classes": sum(r["classes"] for r in rows),
        "pupils": sum(r["pupils"] for r in rows),
        "rate": None,
    }
    heat = [("Phường Tân Lợi", [0.1, 0.4, 0.9, None]), ("Xã Ea Kao", [0.65, 0.2, 0.0, 1.0])]
    tabs = [
        {"label": "Tất cả", "url": "?", "active": True, "count": 60},
        {"label": "Chưa nộp", "url": "#", "count": 8},
        {"label": "Bị trả lại", "url": "#", "count": 1},
    ]
    return render(
        request,
        "demo/list.html",
        {
            "columns": columns,
            "page": page,
            "rows": page.object_list if "none" not in request.GET else [],
            "filters": filters,
            "totals": totals,
            "heat": heat,
            "tabs": tabs,
        },
    )


class Transfer(forms.Form):
    """A form with one of everything."""

    name = forms.CharField(label="Họ và tên học sinh", help_text="Viết như trong giấy khai sinh.")
    birth = forms.DateField(
        label="Ngày sinh", widget=forms.DateInput(attrs={"placeholder": "05/09/2010", "inputmode": "numeric"})
    )
    kind = forms.ChoiceField(
        label="Lý do", choices=[("", "Chọn lý do"), ("transfer", "Chuyển trường"), ("leave", "Thôi học")]
    )
    school = forms.CharField(
        label="Trường chuyển đến", widget=forms.TextInput(attrs={"data-show-when": "kind=transfer"})
    )
    sex = forms.ChoiceField(label="Giới tính", choices=[("m", "Nam"), ("f", "Nữ")], widget=forms.RadioSelect)
    papers = forms.MultipleChoiceField(
        label="Giấy tờ kèm theo",
        required=False,
        choices=[("hb", "Học bạ"), ("ks", "Bản sao giấy khai sinh"), ("gt", "Giấy giới thiệu")],
        widget=forms.CheckboxSelectMultiple,
    )
    file = forms.FileField(label="Đơn xin chuyển trường", required=False, help_text="PDF hoặc ảnh, tối đa 5 MB.")
    note = forms.CharField(label="Ghi chú", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agree = forms.BooleanField(label="Phụ huynh đã đồng ý")


def form(request: HttpRequest) -> HttpResponse:
    data = {"name": "", "birth": "31/02/2010", "kind": "transfer"} if "faults" in request.GET else None
    return render(request, "demo/form.html", {"form": Transfer(data)})


def search(request: HttpRequest) -> JsonResponse:
    word = request.GET.get("q", "").lower()
    found = [
        {"label": p["name"], "hint": "9A1", "url": "/so-diem/"} for p in sheet.PUPILS if word in p["name"].lower()
    ][:6]
    pages = [
        {"label": "Sổ điểm Toán 9A1", "hint": "Trang", "url": "/so-diem/"},
        {"label": "Điểm danh hôm nay", "hint": "Việc", "url": "/"},
    ]
    return JsonResponse(
        {
            "groups": [
                {"label": "Học sinh", "items": found},
                {"label": "Trang và việc", "items": [p for p in pages if word in p["label"].lower()]},
            ]
        }
    )


BEGAN: dict[str, float] = {}


def job(request: HttpRequest) -> JsonResponse:
    """A job that takes twenty seconds from the first time it is asked about."""
    began = BEGAN.setdefault("job", time.monotonic())
    done = min(int((time.monotonic() - began) * 62), 1240)
    state = "done" if done == 1240 else "running"
    return JsonResponse(
        {
            "done": done,
            "total": 1240,
            "rate": 62,
            "left_seconds": (1240 - done) / 62,
            "state": state,
            "message": "",
            "result_url": "/danh-sach/",
        }
    )


def plain(name: str, status: int = 200) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        return render(
            request,
            name,
            {
                "form": SignIn(),
                "rows": sheet.PUPILS[:25],
                "issuer_parent": "SỞ GIÁO DỤC VÀ ĐÀO TẠO",
                "issuer": SCHOOL.upper(),
            },
            status=status,
        )

    return view


class SignIn(forms.Form):
    """What the sign-in page asks."""

    login = forms.CharField(label="Tên đăng nhập hoặc số điện thoại")
    password = forms.CharField(label="Mật khẩu", widget=forms.PasswordInput)


urls = [
    path("", home),
    path("search", search),
    path("so-diem/", sheet.page),
    path("so-diem/cells", sheet.cells),
    path("so-diem/colleague", sheet.colleague),
    path("danh-sach/", listing),
    path("bieu-mau/", form),
    path("viec", job),
    path("dang-nhap/", plain("demo/sign_in.html")),
    path("in/", plain("demo/print.html")),
    path("403/", plain("403.html", 403)),
    path("404/", plain("404.html", 404)),
    path("500/", plain("500.html", 500)),
]
