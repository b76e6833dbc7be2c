"""The pages through the real client: what each role sees, and what the plain form does."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from sen.core.identity.models import Grant
from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import sign_in
from sen.core.people.tests.factories import SchoolFactory
from sen.school.gradebook.models import Correction, Exemption, Phrase, RegimeSetting, SheetLine, TermLock, TermRecord
from sen.school.gradebook.services.corrections import approve_correction, confirm_correction, request_correction
from sen.school.gradebook.services.entry import save_cells
from sen.school.gradebook.services.locks import lock_term
from sen.school.gradebook.tests.factories import ReadyClass, actor_with, full_class, ready_class
from sen.shared.audit.models import Line

pytestmark = pytest.mark.django_db


def browser(actor) -> Client:
    """A browser signed in as the actor, with the second factor proved, in term I of 2022-2023."""
    client = Client()
    grants = Grant.objects.select_related("account").filter(account=actor.account_id, role=actor.role)
    sign_in(client, grants.get(organisation=actor.organisation_id))
    session = client.session
    session["year"], session["term"] = 2022, 1
    session.save()
    return client


def sheet_url(c: ReadyClass, key="toan", term=1) -> str:
    return reverse("gradebook:sheet", args=[c.sheets[key, term].pk])


def cells_url(c: ReadyClass, key="toan", term=1) -> str:
    return reverse("gradebook:cells", args=[c.sheets[key, term].pk])


def text_of(response) -> str:
    assert response.status_code == 200, response.content[:500]
    return response.content.decode()


def test_a_teacher_finds_his_sheets_with_what_is_missing():
    c = ready_class()
    page = text_of(browser(c.teacher).get("/so-diem/?nam=2022"))
    assert page.count(c.school_class.name) >= 8
    assert "Ngữ văn" in page


def test_the_sheet_is_a_table_of_inputs_for_its_teacher():
    c = ready_class()
    save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=c.edits({"tx1": "8,5", "nx": 'Ngoan <b>"'}))
    page = text_of(browser(c.teacher).get(sheet_url(c)))
    row = c.enrolments[0].pk
    assert f'<td data-row="{row}" data-col="tx1" data-kind="mark" data-version="1">' in page
    assert f'name="{row}:tx1" value="8,5"' in page
    assert "Ngoan &lt;b&gt;&quot;" in page
    assert page.count("data-row=") == 3 * 7
    assert "data-phrases" in page


@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.CLERK])
def test_others_of_the_school_read_the_sheet_and_write_nothing(role):
    c = ready_class()
    page = text_of(browser(c.actor(role)).get(sheet_url(c)))
    assert "data-row=" not in page
    assert c.enrolments[0].person.full_name in page


def test_a_colleague_and_a_stranger_do_not_find_the_sheet():
    c = ready_class()
    for actor in (c.actor(Role.SUBJECT_TEACHER), actor_with(Role.PRINCIPAL, SchoolFactory()), c.actor(Role.PUPIL)):
        client = browser(actor)
        for name in ("sheet", "workbook", "bring_in"):
            url = reverse(f"gradebook:{name}", args=[c.sheets["toan", 1].pk])
            assert client.get(url).status_code == 404, name
        assert client.get(cells_url(c) + "?since=").status_code == 404
        assert client.get(reverse("gradebook:line", args=[c.line().pk])).status_code == 404
        assert client.get(reverse("gradebook:class_book", args=[c.school_class.pk])).status_code == 404


def test_the_grid_saves_and_asks_as_agreed_with_its_script():
    c = ready_class()
    client = browser(c.teacher)
    row = str(c.enrolments[0].pk)
    body = {"request_id": "r1", "cells": [{"row": row, "col": "tx1", "value": "8.5", "version": 0},
                                          {"row": row, "col": "gk", "value": "11", "version": 0}]}  # fmt: skip
    json_wanted = {"accept": "application/json"}
    reply = client.post(cells_url(c), json.dumps(body), content_type="application/json", headers=json_wanted)
    answer = reply.json()
    assert [(cell["state"], cell["value"], cell["version"]) for cell in answer["cells"]] == [
        ("saved", "8.5", 1), ("refused", None, 0),
    ]  # fmt: skip
    assert "thang điểm" in answer["cells"][1]["message"]
    assert answer["rows"] == [{"row": row, "average": "", "level": "", "result": "", "year": ""}]
    assert (answer["missing"], answer["summary"]) == (17, {"mean": ""})
    news = client.get(cells_url(c) + "?since=").json()
    assert [(cell["row"], cell["col"], cell["value"], cell["by"]) for cell in news["cells"]] == [
        (row, "tx1", "8.5", c.teacher.name)
    ]
    assert client.get(cells_url(c) + "?since=" + news["cursor"].replace("+", "%2B")).json()["cursor"] == news["cursor"]


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"cells": 1}', '{"cells": [1]}', '{"cells": [{"row": "x"}]}', "\x00"]
)
def test_what_is_no_request_of_the_grid_is_refused(body):
    c = ready_class()
    reply = browser(c.teacher).post(
        cells_url(c), body, content_type="application/json", headers={"accept": "application/json"}
    )
    assert (reply.status_code, reply.json()["code"]) == (400, "gradebook.bad_cells")


def test_without_script_the_table_is_a_form():
    c = ready_class(pupils=2)
    one, two = c.enrolments[0].pk, c.enrolments[1].pk
    save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=c.edits({"tx2": "5"}))
    form = {f"{one}:version": "1", f"{one}:tx1": "8", f"{one}:tx2": "6", f"{two}:version": "0", f"{two}:tx1": "9,5"}
    save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=c.edits({"tx2": "7"}))
    page = text_of(browser(c.teacher).post(sheet_url(c), form, follow=True))
    assert "1 ô vừa được người khác ghi" in page
    assert c.line().marks == {"tx1": 80, "tx2": 70}
    assert c.line(pupil=1).marks == {"tx1": 95}


def test_a_row_opens_its_history_and_notes_an_absence():
    c = ready_class()
    client = browser(c.teacher)
    url = reverse("gradebook:line", args=[c.line().pk])
    client.post(url, {"col": "tx1", "state": "excused"})
    assert c.line().states == {"tx1": "excused"}
    body = {"cells": [{"row": str(c.enrolments[0].pk), "col": "tx1", "value": "7", "version": 1}]}
    client.post(cells_url(c), json.dumps(body), content_type="application/json")
    fragment = client.get(url, headers={"hx-request": "true"})
    page = text_of(fragment)
    assert "<html" not in page
    assert "Có lí do, chờ đánh giá bù → <strong>7</strong>" in page
    assert c.teacher.name in page
    assert "<html" in text_of(client.get(url))


def test_a_correction_goes_its_way_by_pages_and_both_values_stay_visible():
    c = full_class()
    lock_term(actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022, term=1)
    ask = reverse("gradebook:ask_correction", args=[c.line().pk, "ck"])
    teacher, form_teacher, head = browser(c.teacher), browser(c.form_teacher), browser(c.actor(Role.PRINCIPAL))
    assert "Đề nghị sửa" in text_of(teacher.get(reverse("gradebook:line", args=[c.line().pk])))
    assert teacher.post(ask, {"new": "10", "reason": "Chấm sót một câu."}).status_code == 302
    row = Correction.objects.get()
    for client, act in ((form_teacher, "xac-nhan"), (head, "duyet")):
        assert client.get(reverse("gradebook:corrections") + "?nam=2022").status_code == 200
        assert client.post(reverse("gradebook:correction_act", args=[row.pk, act])).status_code == 302
    page = text_of(teacher.get(sheet_url(c)))
    assert "<s>8,5</s> <ins>10</ins>" in page
    assert "data-row=" not in page
    book = reverse("gradebook:class_book", args=[c.school_class.pk])
    assert "<s>8,5</s> 10" in text_of(form_teacher.get(f"{book}?ki=1"))


def test_the_head_locks_and_two_open_again_by_pages():
    c = full_class()
    first, second = browser(c.actor(Role.VICE_PRINCIPAL)), browser(c.actor(Role.PRINCIPAL))
    assert "Mọi sổ của học kì đã đủ" in text_of(first.get(reverse("gradebook:locks")))
    assert first.post(reverse("gradebook:lock", args=[1])).status_code == 302
    row = TermLock.objects.get()
    first.post(reverse("gradebook:unlock_act", args=[row.pk, "de-nghi"]), {"reason": "Nhập nhầm cột cả lớp."})
    assert first.post(reverse("gradebook:unlock_act", args=[row.pk, "duyet"])).status_code == 403
    assert TermLock.objects.get().state == "unlock_asked"
    assert second.post(reverse("gradebook:unlock_act", args=[row.pk, "duyet"])).status_code == 302
    assert TermLock.objects.get().state == "open"
    assert first.post(reverse("gradebook:lock", args=[7])).status_code == 404


def test_a_lock_with_gaps_is_refused_in_words_and_undone():
    c = ready_class()
    client = browser(c.actor(Role.PRINCIPAL))
    reply = client.post(reverse("gradebook:lock", args=[1]))
    assert reply.status_code == 409
    assert "còn 18" in reply.content.decode()
    assert not TermLock.objects.exists()
    assert client.get(reverse("gradebook:locks")).status_code == 200


def test_the_class_book_prints_terms_and_year_and_the_print_is_noted():
    c = full_class("tt58-2011")
    Exemption.objects.create(
        school=c.school, person=c.enrolments[0].person, enrolment=c.enrolments[0], class_subject=c.subjects["the_duc"],
        paper="Giấy khám", granted_by_id=c.actor(Role.PRINCIPAL).account_id,
    )  # fmt: skip
    for term in (1, 2, 0):
        lock_term(actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022, term=term)
    client = browser(c.form_teacher)
    url = reverse("gradebook:class_book", args=[c.school_class.pk])
    for period, words in (("1", "HỌC KÌ I"), ("2", "ĐTBmcn"), ("nam", "Được lên lớp")):
        page = text_of(client.get(f"{url}?ki={period}"))
        assert words in page and "Miễn" in page
    assert Line.objects.filter(action="gradebook.class_book_printed").count() == 3
    assert browser(c.teacher).get(url).status_code == 404


def test_phrases_are_kept_shared_and_removed():
    c = ready_class()
    client = browser(c.teacher)
    url = reverse("gradebook:phrases")
    client.post(url, {"text": "Em {ten} rất chăm.", "subject_key": "toan"})
    client.post(url, {"text": "Của trường.", "for_school": "on"})  # a teacher has no such box
    assert set(Phrase.objects.values_list("text", "account")) == {
        ("Em {ten} rất chăm.", c.teacher.account_id), ("Của trường.", c.teacher.account_id),
    }  # fmt: skip
    assert "Em {ten} rất chăm." in text_of(client.get(sheet_url(c)))
    phrase = Phrase.objects.get(text="Của trường.")
    other = browser(c.form_teacher)
    assert other.post(reverse("gradebook:phrase_remove", args=[phrase.pk])).status_code == 403
    assert client.post(reverse("gradebook:phrase_remove", args=[phrase.pk])).status_code == 302
    assert Phrase.objects.count() == 1


def test_the_principal_sets_the_policy_by_its_page():
    c = ready_class()
    client = browser(c.actor(Role.PRINCIPAL))
    url = reverse("gradebook:policy")
    assert "Làm tròn" in text_of(client.get(url))
    form = {
        "rounding": "ROUND_HALF_EVEN", "few_lessons_up_to": "35", "cluster_term": "term1", "adjustment_reading": "drop",
        "too_few_subjects": "principal", "both_fail_outcome": "RETAINED", "decision": "12/QĐ-THCS",
        "year_average_from_rounded_terms": "on",
    }  # fmt: skip
    assert client.post(url, form).status_code == 302
    setting = RegimeSetting.objects.get(school=c.school)
    assert setting.values["rounding"] == "ROUND_HALF_EVEN"
    assert setting.values["comment_subject_adjusts"] is False
    assert browser(c.actor(Role.VICE_PRINCIPAL)).get(url).status_code == 403


def test_preschool_children_are_followed_up_by_remarks():
    c = ready_class("preschool-followup")
    client = browser(c.form_teacher)
    url = reverse("gradebook:followup", args=[c.school_class.pk])
    assert c.enrolments[0].person.full_name in text_of(client.get(url))
    pupil = c.enrolments[0].pk
    client.post(url, {f"remark-{pupil}": "Bé vui vẻ, ăn ngoan.", f"version-{pupil}": "0"})
    assert TermRecord.objects.get().remark == "Bé vui vẻ, ăn ngoan."
    page = text_of(client.post(url, {f"remark-{pupil}": "Khác", f"version-{pupil}": "0"}, follow=True))
    assert "vừa được người khác ghi" in page
    assert TermRecord.objects.get().remark == "Bé vui vẻ, ăn ngoan."


def test_the_clerk_opens_the_sheets_of_the_year():
    c = ready_class(pupils=1)
    SheetLine.objects.all().delete()
    assert browser(c.actor(Role.CLERK)).post(reverse("gradebook:open_all")).status_code == 302
    assert SheetLine.objects.count() == 16
    SheetLine.objects.all().delete()
    assert browser(c.teacher).post(reverse("gradebook:open_all")).status_code == 403
    assert not SheetLine.objects.exists()


def test_every_list_page_takes_a_bounded_number_of_queries(django_assert_max_num_queries):
    small, large = ready_class(pupils=1), ready_class(pupils=12)
    for c in (small, large):
        client = browser(c.teacher)
        client.get(sheet_url(c))
        with django_assert_max_num_queries(30) as seen:
            client.get(sheet_url(c))
        own = [q for q in seen.captured_queries if "gradebook_" in q["sql"] or "curriculum_" in q["sql"]]
        assert len(own) <= 12, "\n".join(q["sql"][:150] for q in own)
        with django_assert_max_num_queries(30):
            client.get("/so-diem/")
    head = browser(large.actor(Role.PRINCIPAL))
    for name in ("locks", "corrections", "sheets"):
        with django_assert_max_num_queries(32):
            assert head.get(reverse(f"gradebook:{name}")).status_code == 200


def test_a_correction_waits_in_the_inbox_of_those_concerned_alone():
    c = full_class()
    lock_term(actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022, term=1)
    row = request_correction(actor=c.teacher, line=c.line(), column="ck", new="9", reason="Chấm sót một câu.")
    inbox = reverse("gradebook:corrections")
    name = c.enrolments[0].person.full_name
    assert "Xác nhận" in text_of(browser(c.form_teacher).get(inbox))
    assert name not in text_of(browser(c.actor(Role.SUBJECT_TEACHER)).get(inbox))
    confirm_correction(actor=c.form_teacher, correction=row)
    approve_correction(actor=c.actor(Role.PRINCIPAL), correction=row)
    assert "Đã duyệt" in text_of(browser(c.teacher).get(inbox))


def test_the_head_waives_a_subject_and_takes_it_back_by_its_page():
    c = ready_class("tt58-2011")
    client = browser(c.actor(Role.PRINCIPAL))
    url = f"{reverse('gradebook:exemptions')}?lop={c.school_class.pk}"
    assert c.enrolments[0].person.full_name in text_of(client.get(url))
    form = {"pupil": c.enrolments[0].pk, "subject": c.subjects["the_duc"].pk, "term": "nam", "paper": "Giấy bệnh viện"}
    assert client.post(url, form).status_code == 302
    row = Exemption.objects.get()
    assert (row.term, row.paper) == (None, "Giấy bệnh viện")
    assert client.post(url, {**form, "subject": c.subjects["toan"].pk}).status_code == 409
    for wrong in ({"pupil": "x"}, {"subject": "x"}):
        assert client.post(url, {**form, **wrong}).status_code == 404
    lift = reverse("gradebook:exemption_lift", args=[row.pk])
    assert browser(c.form_teacher).post(lift).status_code == 403
    assert browser(c.form_teacher).get(url).status_code == 403
    assert browser(actor_with(Role.PRINCIPAL, SchoolFactory())).post(lift).status_code == 404
    assert Exemption.objects.count() == 1
    assert client.post(lift).status_code == 302
    assert not Exemption.objects.exists()
