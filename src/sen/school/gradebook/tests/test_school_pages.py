"""The head's pages: completion with debtors, results with last year, what families see."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from sen.core.identity.roles import Role
from sen.school.gradebook.models import ClassFigures, RegimeSetting, Result
from sen.school.gradebook.queries import school_view
from sen.school.gradebook.services.publishing import set_publishing
from sen.school.gradebook.services.settings import set_policy
from sen.school.gradebook.tests.factories import ReadyClass, fill, full_class, keep_records, ready_class
from sen.school.gradebook.tests.pages import browser, derive, parent_of, role_at
from sen.shared.audit.models import Line
from sen.shared.kit.errors import Invalid, NotAllowed

pytestmark = pytest.mark.django_db

PAGES = ("truong/?ki=1", "truong/ket-qua/?ki=1", "truong/excel/?ki=1", "truong/ket-qua/excel/?ki=1")


def another_class(c: ReadyClass, regime: str = "tt22-2021") -> ReadyClass:
    """A second full class of the same school."""
    other = ready_class(regime, pupils=2, school=c.school)
    fill(other)
    keep_records(other)
    return other


def test_the_matrix_counts_filled_cells_by_class_and_subject():
    c = ready_class(pupils=2)
    fill(c, pupils=1)
    found = school_view.completion(c.school.pk, 2022, 1)
    matrix = found.matrices[0]
    row = matrix.rows[0]
    assert [(cell.filled, cell.expected) for cell in row.cells][:2] == [(6, 12), (6, 12)]  # Ngữ văn, Toán
    assert matrix.subjects[:3] == [("Ngữ văn", "Ngữ văn"), ("Toán", "Toán"), ("NN1", "Ngoại ngữ 1")]
    assert row.own_missing == 2
    assert found.total.share == 0.5
    assert {debtor.name for debtor in found.debtors} == {c.teacher.name, c.form_teacher.name}
    assert found.debtors[0].missing == found.total.missing


def test_both_terms_are_counted_in_the_year():
    c = ready_class(pupils=1)
    fill(c, terms=(1,))
    assert school_view.completion(c.school.pk, 2022, 0).total.share == 0.5


def test_the_head_sees_who_owes_and_gets_to_the_lock():
    c = ready_class(pupils=2)
    page = browser(c.actor(Role.PRINCIPAL)).get("/so-diem/truong/?ki=1").content.decode()
    assert c.teacher.name in page and "/so-diem/khoa-so/" in page and "Học sinh và cha mẹ" in page
    assert "heat-1" in page


@pytest.mark.parametrize("page", PAGES)
def test_teachers_parents_and_officers_have_no_school_page(page):
    c = full_class(pupils=1)
    clients = (browser(c.teacher), browser(c.form_teacher), parent_of(c.enrolments[0].person))
    for client in clients:
        answer = client.get(f"/so-diem/{page}")
        assert answer.status_code == 403
        if client is clients[2]:
            assert c.teacher.name not in answer.content.decode()


def test_a_head_sees_the_own_school_alone():
    mine, other = full_class(pupils=1), full_class(pupils=1)
    derive(mine, other)
    client = browser(mine.actor(Role.PRINCIPAL))
    for page in PAGES[:2]:
        text = client.get(f"/so-diem/{page}").content.decode()
        assert mine.school_class.name in text and str(other.school_class.pk) not in text


def test_results_are_counted_by_grade_in_the_words_of_the_regime():
    new, old = full_class(pupils=2), full_class("tt58-2011", pupils=1)
    derive(new, old)
    figures = list(ClassFigures.objects.filter(term=0).select_related("school_class"))
    sections = {section.regime: section for section in school_view.results(figures, 0)}
    assert dict(sections["tt22-2021"].counts("levels"))["Tốt"] == 2
    assert dict(sections["tt58-2011"].counts("levels"))["Giỏi"] == 1
    assert [label for label, _n in sections["tt58-2011"].counts("conducts")] == ["Tốt", "Khá", "Trung bình", "Yếu"]
    assert ("Được lên lớp", 2) in sections["tt22-2021"].counts("outcomes")
    page = browser(new.actor(Role.PRINCIPAL)).get("/so-diem/truong/ket-qua/?ki=nam").content.decode()
    assert "Thông tư 22/2021" in page and "chart-bar" in page


def test_last_year_stands_beside_and_two_regimes_are_never_mapped():
    c = full_class(pupils=2)
    derive(c)
    ready_before = another_class(c, "tt58-2011")
    derive(ready_before)
    # The grade that changed its regime: last year's figures of grade 7 under Circular 58.
    ClassFigures.objects.filter(school_class=ready_before.school_class).update(year=2021)
    ready_before.school_class.__class__.objects.filter(pk=ready_before.school_class.pk).update(grade="7", year=2021)
    now, before = (school_view.figures_of(c.school.pk, year, 0) for year in (2022, 2021))
    (one,) = school_view.comparisons(now, before)
    assert (one.grade, one.now, one.before, one.same_scale) == ("Khối 7", [("Tốt", 1.0)], [("Giỏi", 1.0)], False)
    page = browser(c.actor(Role.PRINCIPAL)).get("/so-diem/truong/ket-qua/?ki=nam").content.decode()
    assert "hai quy định khác nhau" in page


def test_a_school_page_costs_the_same_with_more_classes(django_assert_max_num_queries):
    c = full_class(pupils=2)
    head = browser(c.actor(Role.PRINCIPAL))
    derive(c)
    head.get("/so-diem/truong/?ki=1")
    with django_assert_max_num_queries(50):
        head.get("/so-diem/truong/?ki=1")
    for _ in range(3):
        derive(another_class(c))
    with django_assert_max_num_queries(50):
        assert head.get("/so-diem/truong/?ki=1").status_code == 200
    with django_assert_max_num_queries(40):
        assert head.get("/so-diem/truong/ket-qua/?ki=1").status_code == 200


def test_tables_go_out_as_excel_and_are_noted():
    c = ready_class(pupils=2)
    derive(c)
    head = browser(c.actor(Role.PRINCIPAL))
    matrix = load_workbook(BytesIO(head.get("/so-diem/truong/excel/?ki=1").content))
    assert matrix.sheetnames == ["1. THCS", "Còn thiếu"]
    owed = [row[0] for row in matrix["Còn thiếu"].iter_rows(values_only=True)]
    assert c.teacher.name in owed
    results = load_workbook(BytesIO(head.get("/so-diem/truong/ket-qua/excel/?ki=nam").content))
    assert results.sheetnames == ["1. Khối 7"]
    noted = Line.objects.filter(action__in=["gradebook.completion_exported", "gradebook.results_exported"])
    assert noted.count() == 2 and all(line.after["purpose"] for line in noted)


def test_a_school_without_books_says_what_to_do():
    c = ready_class("preschool-followup", pupils=1)
    page = browser(c.actor(Role.PRINCIPAL)).get("/so-diem/truong/?ki=1").content.decode()
    assert "chưa mở sổ điểm" in page


def test_the_head_decides_what_families_see_and_policy_stays():
    c = ready_class(pupils=1)
    head = c.actor(Role.PRINCIPAL)
    set_policy(actor=head, school=c.school, year=2022, values={"rounding": "ROUND_HALF_EVEN"})
    answer = browser(head).post("/so-diem/truong/cong-bo/", {"diem": "locked", "ket-qua": "entered"})
    assert answer.status_code == 302
    setting = RegimeSetting.objects.get()
    assert (setting.publish_marks, setting.publish_results) == ("locked", "entered")
    assert setting.values == {"rounding": "ROUND_HALF_EVEN"}


def test_publishing_is_the_heads_alone_and_knows_two_words():
    c = ready_class(pupils=1)
    with pytest.raises(NotAllowed):
        set_publishing(actor=c.form_teacher, school=c.school, year=2022, marks="entered", results="entered")
    head = c.actor(Role.PRINCIPAL)
    with pytest.raises(Invalid):
        set_publishing(actor=head, school=c.school, year=2022, marks="always", results="entered")
    stranger = role_at(Role.PRINCIPAL, ready_class(pupils=1).school)
    stranger.post("/so-diem/truong/cong-bo/", {"diem": "locked", "ket-qua": "locked"})
    assert not RegimeSetting.objects.filter(school=c.school).exists()


def test_results_wait_for_nothing_hidden():
    """A class without results draws no chart and no zero table of levels it never had."""
    c = ready_class("tt27-2020", pupils=1)
    derive(c)
    page = browser(c.actor(Role.PRINCIPAL)).get("/so-diem/truong/ket-qua/?ki=1")
    assert page.status_code == 200
    assert not Result.objects.filter(is_complete=True).exists()
