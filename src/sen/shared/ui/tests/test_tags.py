import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.template import Context, RequestContext, Template
from django.test import RequestFactory

import sen
from sen.shared.ui import assets

SOURCE = Path(sen.__file__).parent


def render(text, address="/", cookies=None, **context):
    request = RequestFactory().get(address)
    request.COOKIES.update(cookies or {})
    return Template("{% load ui_tags %}" + text).render(RequestContext(request, {"request": request, **context}))


def test_a_changed_filter_keeps_the_others_and_goes_back_to_the_first_page():
    assert render("{% url_with grade=9 %}", "/?school=a&page=7") == "?school=a&amp;grade=9"
    assert render("{% url_with page=2 %}", "/?school=a&page=7") == "?school=a&amp;page=2"
    assert render("{% url_with school=None %}", "/?school=a&grade=9") == "?grade=9"
    assert render("{% url_set name value %}", "/?grade=8", name="grade", value=9) == "?grade=9"


def test_a_hostile_address_cannot_break_out_of_a_link():
    assert "<script>" not in render('<a href="{% url_with page=2 %}">', '/?q="><script>alert(1)</script>')


def test_links_are_written_without_a_request_too():
    assert Template("{% load ui_tags %}{% url_with page=2 %}").render(Context()) == "?page=2"


@pytest.mark.parametrize(
    ("address", "url", "mark"),
    [
        ("/so-diem/", "/so-diem/", 'aria-current="page"'),
        ("/so-diem/9a1/", "/so-diem/", 'aria-current="true"'),
        ("/so-diem-cu/", "/so-diem/", ""),
        ("/x/", "/", ""),
        ("/", "/", 'aria-current="page"'),
    ],
)
def test_the_link_to_here_is_marked(address, url, mark):
    assert render("{% active_nav url %}", address, url=url) == mark


def test_the_theme_is_that_of_the_cookie_and_nothing_else():
    assert render("{% theme %}", cookies={"sen_theme": "dark"}) == 'data-theme="dark"'
    assert render("{% theme %}") == ""
    assert render("{% theme %}", cookies={"sen_theme": '"><script>'}) == ""


def test_an_icon_is_decoration():
    drawn = render("{% icon 'search' 'big' %}")
    assert drawn.startswith('<svg class="icon big" aria-hidden="true"')
    assert "<path" in drawn or "<circle" in drawn


def test_an_unknown_icon_is_a_mistake_of_the_template():
    with pytest.raises(LookupError, match="no-such-icon"):
        render("{% icon 'no-such-icon' %}")


def test_every_icon_that_a_page_names_is_there():
    known = set(json.loads((SOURCE / "shared/ui/icons.json").read_text(encoding="utf-8")))
    used = {
        (path.relative_to(SOURCE).as_posix(), name)
        for path in SOURCE.rglob("*.html")
        for name in re.findall(r"""(?:\{% icon |\bicon=)['"]([\w-]+)['"]""", path.read_text(encoding="utf-8"))
    }
    assert len(used) > 10
    assert {(path, name) for path, name in used if name not in known} == set()


def test_local_time_is_written_not_that_of_greenwich():
    assert render("{{ at|vn_time }}", at=datetime(2022, 9, 4, 23, 30, tzinfo=UTC)) == "05/09/2022 06:30"
    assert render("{{ at|vn_date }}", at=datetime(2022, 9, 4, 23, 30, tzinfo=UTC)) == "05/09/2022"
    assert render("{{ at|vn_date }} {{ none|vn_date }}", at=date(2022, 9, 5), none=None) == "05/09/2022 –"


@pytest.fixture
def built(tmp_path, monkeypatch):
    manifest = {
        "main.ts": {"file": "assets/main-1.js", "isEntry": True, "css": ["assets/main-1.css"], "imports": ["_x.js"]},
        "islands/mark-grid.ts": {"file": "assets/grid-1.js", "isEntry": True, "imports": ["_x.js"]},
        "styles/print.css": {"file": "assets/print-1.css", "isEntry": True},
        "_x.js": {"file": "assets/x-1.js"},
        "node_modules/f/a-400.woff2": {"file": "assets/a-400-1.woff2"},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(assets, "BUILD", tmp_path)
    assets._manifest.cache_clear()
    yield tmp_path
    assets._manifest.cache_clear()


def test_an_asset_brings_its_styles_its_parts_and_its_script(built):
    page = render("{% ui_asset 'main.ts' %}")
    assert re.findall(r'(?:href|src)="[^"]*/([^/"]+)"', page) == ["main-1.css", "x-1.js", "main-1.js"]
    assert '<script type="module"' in page
    assert render("{% ui_asset 'print.css' %}").count("<link") == 1
    assert "a-400-1.woff2" in render("{% ui_font 'a-400' %}")


def test_an_unknown_asset_is_a_mistake_of_the_template(built):
    with pytest.raises(LookupError, match=r"grid\.ts"):
        render("{% ui_asset 'grid.ts' %}")


def test_before_the_build_pages_work_without_styles_and_a_check_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "BUILD", tmp_path)
    assert render("{% ui_asset 'main.ts' %}{% ui_font 'a-400' %}") == ""
    assert [warning.id for warning in assets.check_front_end_is_built()] == ["ui.W001"]


def test_after_the_build_the_check_is_content(built):
    assert assets.check_front_end_is_built() == []
