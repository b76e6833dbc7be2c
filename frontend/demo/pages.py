"""Pages and made-up data of the demo."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from sen.shared.ui.shell import Account, Choice, NavGroup, NavItem, Notices, Switch


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the shell as a subject teacher with a class of her own sees it."""
    here = request.path
    items = [
        NavItem("Việc hôm nay", "/", "home", here == "/", 7, phone=True),
        NavItem("Sổ điểm", "/so-diem/", "notebook", here.startswith("/so-diem"), 42, phone=True),
        NavItem("Điểm danh", "/thanh-phan/", "checklist", here.startswith("/thanh-phan"), phone=True),
        NavItem("Thời khóa biểu", "#", "calendar-event", phone=True),
    ]
    own = [NavItem("Học sinh lớp 9A1", "#", "users"), NavItem("Học bạ", "#", "book-2", count=3), NavItem("Nhắn phụ huynh", "#", "messages")]
    return {
        "nav": [
            NavGroup("", items),
            NavGroup("Lớp chủ nhiệm", own),
            NavGroup("Chuyên môn", [NavItem("Ngân hàng câu hỏi", "#", "help-circle"), NavItem("Học liệu số", "#", "books")]),
        ],
        "where": Switch("Trường THCS Nguyễn Thị Minh Khai", [Choice("Trường THCS Nguyễn Thị Minh Khai", "/", True, "Cơ sở chính"), Choice("Điểm trường Ea Kao", "#")]),
        "when": Switch("HK I · 2022–2023", [Choice("Học kỳ I, 2022–2023", "/", True), Choice("Học kỳ II, 2022–2023", "#"), Choice("2021–2022", "#", hint="Đã khóa sổ")]),
        "notices": Notices("#", 4),
        "account": Account("Cô H’Linh Niê", "Giáo viên Toán, chủ nhiệm 9A1", [Choice("Hồ sơ của tôi", "#")]),
        "search_url": "/search",
        "help_url": "#",
        "sign_out_url": "/",
    }


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/home.html")


def search(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"groups": []})


urls = [path("", home), path("search", search)]
