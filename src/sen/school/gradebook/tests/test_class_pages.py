"""The form teacher's screens, seen by those who may and by strangers."""

import json
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from sen.core.identity.roles import Role
from sen.core.people.models import Person
from sen.school.gradebook.models import Result, TermRecord
from sen.school.gradebook.queries import class_view
from sen.school.gradebook.services.entry import save_cells
from sen.school.gradebook.services.locks import lock_term
from sen.school.gradebook.services.results import compute_results
from sen.school.gradebook.tests.factories import ReadyClass, actor_with, fill, full_class, keep_records, ready_class
from sen.school.gradebook.tests.pages import browser, derive, parent_of, role_at
from sen.shared.audit.models import Line

pytestmark = pytest.mark.django_db


def url(c: ReadyClass, rest: str = "") -> str:
    return f"/so-diem/lop/{c.school_class.pk}/{rest}"


def post_cells(client: Client, c: ReadyClass, cells: list[dict[str, object]], term: str = "1"):
    return client.post(
        url(c, f"o/?ki={term}"), json.dumps({"request_id": "r1", "cells": cells}), content_type="application/json"
    )


def cell(c: ReadyClass, col: str, value: str | None, version: int = 0, pupil: int = 0) -> dict[str, object]:
    return {"row": str(c.enrolments[pupil].pk), "col": col, "value": value, "version": version}


def test_one_screen_shows_subjects_results_and_what_the_form_teacher_keeps():
    c = full_class()
    compute_results(classes=[c.school_class])
    page = browser(c.form_teacher).get(url(c, "?ki=1")).content.decode()
    assert c.enrolments[0].person.full_name in page
    assert "<mark-grid" in page and 'data-col="conduct"' in page and "8,5" in page
    assert "Sổ đã đủ" not in page  # general remarks are still owed
    assert "Nhận xét chung" in page


def test_what_is_missing_names_subject_teacher_and_count():
    c = ready_class(pupils=2)
    view = class_view.class_view(c.school_class, 1)
    assert [(due.what, due.missing) for due in view.dues][:2] == [("Ngữ văn", 12), ("Toán", 12)]
    assert {due.who for due in view.dues if due.sheet_id} == {c.teacher.name}
    own = [(due.what, due.missing) for due in view.dues if due.is_mine]
    assert own == [("Kết quả rèn luyện", 2), ("Nhận xét chung", 2)]
    assert f"{c.teacher.name}" in browser(c.form_teacher).get(url(c, "?ki=1")).content.decode()


def test_conduct_is_saved_in_place_and_changes_the_result_at_once():
    c = ready_class(pupils=2)
    fill(c)
    reply = post_cells(browser(c.form_teacher), c, [cell(c, "conduct", "kha")]).json()
    assert [(one["state"], one["value"], one["version"]) for one in reply["cells"]] == [("saved", "Khá", 1)]
    assert reply["rows"][0]["conduct"] == "Khá"
    assert reply["summary"] == {"own_missing": 1}
    assert Result.objects.get(enrolment=c.enrolments[0], term=1).conduct == "Khá"


def test_the_second_of_two_people_is_told_and_overwrites_nothing():
    c = ready_class(pupils=1)
    client = browser(c.form_teacher)
    post_cells(client, c, [cell(c, "conduct", "Tốt")])
    reply = post_cells(client, c, [cell(c, "conduct", "Đạt")]).json()
    assert (reply["cells"][0]["state"], reply["cells"][0]["value"]) == ("conflict", "Tốt")
    assert TermRecord.objects.get().conduct == "Tốt"


def test_the_grid_asks_what_others_changed():
    c = ready_class(pupils=1)
    client = browser(c.form_teacher)
    before = client.get(url(c, "o/?ki=1&since=0")).json()
    assert before == {"cells": [], "cursor": "0"}
    post_cells(client, c, [cell(c, "conduct", "Tốt")])
    news = client.get(url(c, "o/?ki=1&since=0")).json()
    assert [(one["col"], one["value"], one["version"]) for one in news["cells"]] == [("conduct", "Tốt", 1)]
    assert client.get(url(c, f"o/?ki=1&since={news['cursor']}")).json()["cells"] == []


def test_a_form_without_script_saves_and_notices_two_people():
    c = ready_class(pupils=1)
    client, row = browser(c.form_teacher), c.enrolments[0].pk
    first = client.post(url(c, "?ki=1"), {f"{row}:conduct:0": "Tốt", f"{row}:remark:0": "Chăm học."}, follow=True)
    assert "Đã lưu." in first.content.decode()
    second = client.post(url(c, "?ki=1"), {f"{row}:conduct:0": "Đạt"}, follow=True)
    assert "vừa ghi ô này" in second.content.decode()
    assert (TermRecord.objects.get().conduct, TermRecord.objects.get().remark) == ("Tốt", "Chăm học.")


@pytest.mark.parametrize("body", ["", "[]", "{", '{"cells": 3}', '{"cells": [{"row": 1}]}', '{"cells": [[]]}'])
def test_a_body_that_is_no_list_of_cells_is_refused(body):
    c = ready_class(pupils=1)
    reply = browser(c.form_teacher).post(
        url(c, "o/?ki=1"), body, content_type="application/json", HTTP_ACCEPT="application/json"
    )
    assert (reply.status_code, reply.json()["code"]) == (400, "gradebook.bad_cells")
    assert not TermRecord.objects.exists()


def test_the_head_reads_and_does_not_write():
    c = ready_class(pupils=1)
    client = browser(c.actor(Role.PRINCIPAL))
    page = client.get(url(c, "?ki=1"))
    assert page.status_code == 200 and "<mark-grid" not in page.content.decode()
    reply = post_cells(client, c, [cell(c, "conduct", "Tốt")])
    assert reply.status_code == 403
    assert not TermRecord.objects.exists()


@pytest.mark.parametrize("role", [Role.SUBJECT_TEACHER, Role.FORM_TEACHER, Role.PRINCIPAL, Role.OPERATOR])
def test_a_stranger_finds_no_class(role):
    c = full_class(pupils=1)
    here = role in (Role.SUBJECT_TEACHER, Role.FORM_TEACHER)  # a colleague of the same school, who leads another class
    client = browser(actor_with(role, c.school)) if here else role_at(role, ready_class(pupils=1).school)
    rest = ("?ki=1", "excel/?ki=1", "trong-he/", f"hoc-sinh/{c.enrolments[0].pk}/", "o/?ki=1")
    for one in rest:
        answer = client.get(url(c, one))
        assert answer.status_code in (403, 404), one
        assert c.enrolments[0].person.full_name not in answer.content.decode()
    records = list(TermRecord.objects.values_list("version", flat=True))
    assert post_cells(client, c, [cell(c, "conduct", "Chưa đạt", 1)]).status_code in (403, 404)
    assert list(TermRecord.objects.values_list("version", flat=True)) == records


def test_a_parent_finds_no_class():
    c = full_class(pupils=2)
    client = parent_of(c.enrolments[0].person)
    assert client.get(url(c, "?ki=1")).status_code == 404
    assert client.get(url(c, f"hoc-sinh/{c.enrolments[0].pk}/")).status_code == 404


def test_the_screen_of_a_class_costs_the_same_whatever_its_size(django_assert_max_num_queries):
    small, large = full_class(pupils=2), full_class(pupils=9)
    derive(small, large)
    for c in (small, large):
        client = browser(c.form_teacher)
        client.get("/so-diem/lop/")
        with django_assert_max_num_queries(52):
            assert client.get(url(c, "?ki=1")).status_code == 200


def test_one_pupil_shows_why_not_the_next_level():
    c = full_class(pupils=1, mark="7")
    derive(c)
    page = browser(c.form_teacher).get(url(c, f"hoc-sinh/{c.enrolments[0].pk}/"))
    text = page.content.decode()
    assert "Vì sao chưa được mức cao hơn" in text
    assert Result.objects.get(enrolment=c.enrolments[0], term=1).reasons[0] in text
    dialog = browser(c.form_teacher).get(url(c, f"hoc-sinh/{c.enrolments[0].pk}/"), HTTP_HX_REQUEST="true")
    assert "<html" not in dialog.content.decode() and "dialog-title" in dialog.content.decode()


def test_a_primary_class_rates_qualities_in_two_parts_and_gets_its_levels():
    c = full_class("tt27-2020", pupils=1)
    derive(c)
    client = browser(c.form_teacher)
    middle, end = (client.get(url(c, f"?ki=2&phan={part}")).content.decode() for part in ("giua-ki", "cuoi-ki"))
    assert 'data-col="q_gk_yeu_nuoc"' in middle and 'data-col="q_yeu_nuoc"' not in middle
    assert 'data-col="q_yeu_nuoc"' in end and 'data-col="q_nx_Phẩm chất"' in end
    year = client.get(url(c, "?ki=nam")).content.decode()
    assert "Hoàn thành tốt" in year and 'data-col="recognition"' in year
    saved = post_cells(client, c, [cell(c, "recognition", "Tiến bộ vượt bậc")], "nam").json()
    assert (saved["cells"][0]["state"], saved["cells"][0]["value"]) == ("saved", "Tiến bộ vượt bậc")
    assert saved["rows"][0]["honour"].startswith("Học sinh")


def test_conduct_of_the_year_is_entered_in_the_old_regime_and_computed_in_the_new():
    old, new = full_class("tt58-2011", pupils=1), full_class(pupils=1)
    derive(old, new)
    assert 'data-col="conduct"' in browser(old.form_teacher).get(url(old, "?ki=nam")).content.decode()
    page = browser(new.form_teacher).get(url(new, "?ki=nam")).content.decode()
    assert 'data-col="conduct"' not in page and 'data-out="conduct"' in page


def test_a_locked_term_is_read_only():
    c = full_class(pupils=1)
    lock_term(actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022, term=1)
    client = browser(c.form_teacher)
    page = client.get(url(c, "?ki=1")).content.decode()
    assert "Đã khóa sổ" in page and "<mark-grid" not in page
    reply = post_cells(client, c, [cell(c, "conduct", "Đạt", 1)])
    assert reply.status_code == 409
    assert TermRecord.objects.get(term=1).conduct == "Tốt"


def test_an_export_asks_for_its_purpose_and_notes_it():
    c = full_class(pupils=2)
    derive(c)
    client = browser(c.form_teacher)
    asked = client.get(url(c, "excel/?ki=1"))
    assert "Mục đích" in asked.content.decode()
    assert client.post(url(c, "excel/?ki=1"), {"purpose": ""})["Content-Type"].startswith("text/html")
    assert not Line.objects.filter(action="gradebook.class_exported").exists()
    file = client.post(url(c, "excel/?ki=1"), {"purpose": "Họp cha mẹ học sinh"})
    rows = list(load_workbook(BytesIO(file.content)).active.iter_rows(values_only=True))
    assert {row[1] for row in rows} >= {enrolment.person.full_name for enrolment in c.enrolments}
    assert Line.objects.get(action="gradebook.class_exported").after["purpose"] == "Họp cha mẹ học sinh"


def summer_class() -> ReadyClass:
    """A locked year with one pupil to be re-assessed in Maths and Literature."""
    c = ready_class(pupils=2)
    fill(c)
    keep_records(c)
    for key in ("toan", "ngu_van"):
        for term in (1, 2):
            marks = {col: "3" for col in c.line(key, term).marks if col != "nx"}
            save_cells(actor=c.teacher, sheet=c.sheets[key, term], edits=c.edits(marks, key, term))
    for term in (1, 2, 0):
        lock_term(actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022, term=term)
    return c


def test_the_summer_lists_who_has_work_and_takes_the_results():
    c = summer_class()
    head, weak, fine = browser(c.actor(Role.PRINCIPAL)), *c.enrolments
    page = head.get(url(c, "trong-he/")).content.decode()
    assert f"em-{weak.pk}" in page and f"em-{fine.pk}" not in page
    for key, mark in (("toan", "6,5"), ("ngu_van", "5")):
        saved = head.post(url(c, f"trong-he/{weak.pk}/"), {"viec": "mon", "mon": key, "gia-tri": mark})
        assert saved.status_code == 302
    result = Result.objects.get(enrolment=weak, term=0)
    assert (result.outcome, result.retests) == ("PROMOTED", {"toan": 65, "ngu_van": 50})


def test_a_wrong_value_in_the_summer_is_said_and_not_written():
    c = summer_class()
    head, weak = browser(c.actor(Role.PRINCIPAL)), c.enrolments[0]
    said = head.post(url(c, f"trong-he/{weak.pk}/"), {"viec": "mon", "mon": "toan", "gia-tri": "11"}, follow=True)
    assert "alert-error" in said.content.decode()
    assert Result.objects.get(enrolment=weak, term=0).retests == {}
    assert head.post(url(c, f"trong-he/{weak.pk}/"), {"viec": "khac"}).status_code == 404


def test_the_form_teacher_of_a_subject_nobody_gave_may_not_write_a_retest():
    c = summer_class()
    weak = c.enrolments[0]
    refused = browser(c.form_teacher).post(
        url(c, f"trong-he/{weak.pk}/"), {"viec": "mon", "mon": "toan", "gia-tri": "8"}
    )
    assert refused.status_code == 403
    assert Result.objects.get(enrolment=weak, term=0).retests == {}


def test_a_single_class_opens_at_once_and_a_head_sees_them_all():
    c = full_class(pupils=1)
    derive(c)
    assert browser(c.form_teacher).get("/so-diem/lop/").headers["Location"] == url(c)
    page = browser(c.actor(Role.PRINCIPAL)).get("/so-diem/lop/?ki=1").content.decode()
    assert c.school_class.name in page and Person.objects.get(pk=c.form_teacher.person_id).full_name in page


def test_an_unknown_period_is_not_found():
    c = ready_class(pupils=1)
    client = browser(c.form_teacher)
    assert client.get(url(c, "?ki=7")).status_code == 404
    assert client.get(url(c, "?ki=1&phan=xyz")).status_code == 404


def test_a_column_leads_to_its_sheet():
    c = ready_class(pupils=1)
    page = browser(c.form_teacher).get(url(c, "?ki=2")).content.decode()
    assert f'href="/so-diem/bang/{c.sheets["toan", 2].pk}/"' in page
    assert f'href="/so-diem/bang/{c.sheets["toan", 1].pk}/"' not in page


def test_a_preschool_class_is_followed_by_comments_elsewhere():
    c = ready_class("preschool-followup", pupils=1)
    assert browser(c.form_teacher).get(url(c)).headers["Location"] == f"/so-diem/lop/{c.school_class.pk}/theo-doi/"


def test_home_tells_the_form_teacher_and_the_head_what_waits():
    c = ready_class(pupils=2)
    derive(c)
    teacher, head = browser(c.form_teacher), browser(c.actor(Role.PRINCIPAL))
    home = teacher.get("/").content.decode()
    assert "em chưa có kết quả rèn luyện" in home and "em chưa có nhận xét của chủ nhiệm" in home
    assert f"/so-diem/lop/{c.school_class.pk}/?ki=1" in home
    assert "lớp chưa đủ điểm" in head.get("/").content.decode()
    fill(c)
    keep_records(c)
    TermRecord.objects.update(remark="Chăm ngoan.")
    derive(c)
    assert "em chưa có" not in teacher.get("/").content.decode()
    assert "lớp chưa đủ điểm" not in head.get("/").content.decode()
