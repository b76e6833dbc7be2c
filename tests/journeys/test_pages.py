"""The main pages of each role: they open, fit both widths, and axe finds nothing serious."""

from pathlib import Path

import pytest

from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
PAGES = {
    "": ["/tai-khoan/dang-nhap/", "/xac-thuc/"],
    "giaovien": ["/", "/so-diem/"],
    "chunhiem": ["/so-diem/lop/"],
    "hieutruong": ["/", "/so-diem/truong/", "/so-diem/khoa-so/", "/lop-hoc/", "/hoc-ba/"],
    "vanthu": ["/hoc-sinh/", "/nhap-excel/", "/nhan-su/"],
    "chuyenvien.so": ["/so-diem/khu-vuc/", "/co-quan/"],
    "phuhuynh": ["/", "/so-diem/ket-qua/"],
}


@pytest.mark.parametrize("login", PAGES)
def test_pages_open_fit_and_are_accessible(visit, login):
    page = visit(login)
    for path in PAGES[login]:
        page.set_viewport_size(DESK)
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{login} {path}"
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        serious = [
            f"{v['id']}: {v['nodes'][0]['html'][:120]}"
            for v in found["violations"]
            if v["impact"] in ("serious", "critical")
        ]
        assert not serious, f"{login} {path}: {serious}"
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), (
            f"{login} {path} at 390 px"
        )
