import re

import pytest
from django.core.paginator import Paginator
from django.template import Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from sen.shared.ui.shell import Account, Choice, NavGroup, NavItem, Notices, Switch

SHELL = {
    "nav": [
        NavGroup(
            "Lớp",
            [
                NavItem("Sổ điểm", "/so-diem/", "notebook", active=True, count=1234, phone=True),
                NavItem("Học bạ", "/hoc-ba/", "book-2"),
            ],
        ),
    ],
    "where_switch": Switch(
        "Trường <A>", [Choice("Trường <A>", "/?o=1", active=True), Choice("Trường B", "/?o=2", hint="Điểm lẻ")]
    ),
    "when_switch": Switch("2022–2023"),
    "notices": Notices("/thong-bao/", 4),
    "account": Account("Cô Lan", "Giáo viên", [Choice("Hồ sơ", "/toi/")]),
    "search_url": "/tim",
    "help_url": "/giup",
    "sign_out_url": "/ra",
}
PAGE = (
    '{% extends "ui/base.html" %}{% block title %}T{% endblock %}'
    "{% block page_title %}Trang{% endblock %}{% block content %}<p>Nội dung</p>{% endblock %}"
)


def show(template, **context):
    return render_to_string(template, context, request=RequestFactory().get("/x/?q=1"))


def page(**context):
    request = RequestFactory().get("/x/")
    from django.template import RequestContext

    return Template(PAGE).render(RequestContext(request, {"request": request, **context}))


def test_the_shell_shows_where_when_who_and_what_waits():
    html = page(**SHELL)
    assert '<html lang="vi"' in html
    assert "<title>T · Sen</title>" in html
    assert "Trường &lt;A&gt;" in html
    assert "<A>" not in html
    assert "1.234" in html
    assert 'href="/so-diem/" aria-current="page"' in html
    assert 'action="/ra"' in html
    assert html.count("<h1>") == 1
    assert html.index('class="skip-link"') < html.index('class="rail"')


def test_the_bottom_bar_of_a_phone_has_only_what_is_meant_for_it_and_the_way_to_all():
    bar = page(**SHELL).split('class="bottombar"')[1].split("<details")[0]
    assert "Sổ điểm" in bar
    assert "Học bạ" not in bar


def test_the_shell_works_with_nothing_at_all():
    html = page()
    assert "<p>Nội dung</p>" in html
    assert "sen-search" not in html
    assert "bottombar" not in html


def test_no_page_carries_inline_script_or_handlers():
    for html in (page(**SHELL), show("404.html"), show("ui/base_print.html")):
        assert not re.search(r"<script(?![^>]*\bsrc=)", html)
        assert not re.search(r"\son\w+=", html)


@pytest.mark.parametrize(
    ("template", "words"),
    [("403.html", "chưa được mở trang này"), ("404.html", "Không tìm thấy"), ("500.html", "Hệ thống gặp lỗi")],
)
def test_error_pages_need_no_context(template, words):
    assert words in render_to_string(template)


def test_an_error_page_says_the_reason_as_text():
    assert "&lt;b&gt;" in show("403.html", exception="<b>khóa</b>")


COLUMNS = [{"key": "name", "label": "Trường", "sort": "name"}, {"key": "pupils", "label": "Học sinh", "num": True}]


def test_a_table_aligns_figures_links_its_rows_and_totals_them():
    rows = [{"name": "Trường A", "pupils": 1200, "url": "/a/"}, {"name": "Trường B", "pupils": None, "url": ""}]
    html = show(
        "ui/components/table.html",
        columns=COLUMNS,
        rows=rows,
        totals={"pupils": 1200},
        caption="Trường",
        export_url="/xlsx",
    )
    assert '<th scope="row"><a href="/a/">Trường A</a></th>' in html
    assert '<td class="num">1.200</td>' in html
    assert '<td class="num">–</td>' in html
    assert "<tfoot>" in html
    assert 'href="/xlsx"' in html


def test_an_empty_table_says_so_and_offers_the_way_on():
    html = show(
        "ui/components/table.html",
        columns=COLUMNS,
        rows=[],
        empty_title="Chưa có trường",
        empty_url="/them",
        empty_action="Thêm",
    )
    assert "<table" not in html
    assert "Chưa có trường" in html
    assert 'href="/them"' in html


def test_pages_keep_the_filters_of_the_address():
    html = show("ui/components/pagination.html", page=Paginator(range(1240), 50).get_page(2), unit="em")
    assert "51–100 / 1.240 em" in html
    assert 'rel="prev" href="?q=1&amp;page=1"' in html
    assert 'rel="next" href="?q=1&amp;page=3"' in html


def test_a_filter_shows_what_is_chosen_and_how_to_drop_it():
    filters = [
        {
            "name": "cap",
            "label": "Cấp",
            "value": "1",
            "choices": [{"value": 1, "label": "Tiểu học", "count": 5}, {"value": 2, "label": "THCS"}],
        }
    ]
    html = show("ui/components/filters.html", filters=filters)
    assert "<strong>Tiểu học</strong>" in html
    assert 'href="?q=1&amp;cap=2"' in html
    assert 'class="chip-clear" href="?q=1"' in html


def test_what_changes_something_is_posted_and_asked_about():
    items = [
        {"label": "Xóa", "url": "/xoa", "method": "post", "confirm": "Xóa thật?", "danger": True},
        {"label": "In", "url": "/in", "icon": "printer"},
    ]
    html = show("ui/components/menu.html", items=items)
    assert '<form method="post" action="/xoa" data-confirm="Xóa thật?">' in html
    assert "csrfmiddlewaretoken" in html
    assert 'href="/in"' in html


@pytest.mark.parametrize(
    ("tone", "role"), [("error", "alert"), ("warning", "alert"), ("success", "status"), ("", "status")]
)
def test_an_alert_speaks_as_loud_as_it_is_urgent(tone, role):
    assert f'role="{role}"' in show("ui/components/alert.html", text="Lời", tone=tone)


@pytest.mark.parametrize(
    ("template", "context", "words"),
    [
        ("status", {"label": "Đã khóa", "tone": "success"}, "Đã khóa"),
        ("stat_work_item", {"label": "Điểm thiếu", "count": 12, "url": "/x", "hint": "9A1"}, "12"),
        ("stat_work_item", {"label": "Điểm thiếu", "count": 0, "url": "/x"}, "visually-hidden"),
        ("progress", {"label": "Nhập", "done": 5, "total": 1240}, "5/1.240"),
        ("sen_progress", {"label": "Nhập", "done": 0, "total": 0, "url": "/job"}, 'data-url="/job"'),
        ("tabs", {"items": [{"label": "Tất cả", "url": "?", "active": True, "count": 0}]}, 'aria-current="page"'),
        ("breadcrumb", {"items": [{"label": "Tỉnh", "url": "/t"}]}, 'href="/t"'),
        ("page_header", {"title": "Trang", "primary": {"label": "Lưu", "url": "/l"}}, "<h1>Trang</h1>"),
        ("dialog", {"id": "d", "title": "Khóa?", "action_url": "/khoa", "action": "Khóa"}, 'aria-labelledby="d-title"'),
        ("table_tools", {"table_id": "t", "export_url": "/x"}, 'data-columns-of="t"'),
    ],
)
def test_components_show_what_they_are_given(template, context, words):
    assert words in show(f"ui/components/{template}.html", **context)
