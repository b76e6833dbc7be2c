"""The pages through the real client, each within the wall of its role."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import GrantFactory, actor, sign_in
from sen.core.people import jobs, services
from sen.core.people.models import Enrolment, ImportRun, Posting, Pupil, Transfer
from sen.core.people.tests.factories import (
    EnrolmentFactory,
    GuardianshipFactory,
    PersonFactory,
    PupilFactory,
    SchoolFactory,
    StaffFactory,
)
from sen.core.people.tests.workbooks import HEADINGS, book, pupil_rows
from sen.shared.audit.models import Line
from sen.shared.messaging.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return SchoolFactory()


def signed_in(client, role, school, person=None):
    """A session in the year 2022-2023."""
    grant = GrantFactory(role=role, organisation=school)
    if person is not None:
        person.account = grant.account
        person.save()
    sign_in(client, grant)
    client.get(reverse("identity:when"), {"year": 2022, "term": 1})
    session = client.session
    session["year"], session["term"] = 2022, 1
    session.save()
    return grant


@pytest.fixture
def clerk(client, school):
    return signed_in(client, Role.CLERK, school)


def text(response):
    return response.content.decode()


def test_the_list_is_sorted_filtered_and_searched(client, clerk, school):
    for name, gender in (("Nguyễn Văn Ẩn", "01"), ("Lê Thị Đào", "02"), ("Trần Thị Ánh", "02")):
        EnrolmentFactory(
            school=school, person=PupilFactory(school=school, person__full_name=name, person__gender=gender).person
        )
    EnrolmentFactory(
        school=school,
        status="left",
        ended_on=date(2022, 10, 1),
        person=PupilFactory(school=school, person__full_name="Vừ A Sùng", person__personal_id="").person,
    )
    page = text(client.get("/hoc-sinh/"))
    order = [page.index(name) for name in ("Trần Thị Ánh", "Nguyễn Văn Ẩn", "Lê Thị Đào", "Vừ A Sùng")]
    assert order == sorted(order)
    found = text(client.get("/hoc-sinh/", {"q": "an"}))
    assert "Nguyễn Văn Ẩn" in found
    assert "Lê Thị Đào" not in found
    assert "Vừ A Sùng" in text(client.get("/hoc-sinh/", {"thieu": "so-dinh-danh"}))
    studying = text(client.get("/hoc-sinh/", {"trang-thai": "studying"}))
    assert "Vừ A Sùng" not in studying
    assert client.get("/hoc-sinh/", {"lop": "x", "thieu": "y", "trang-thai": "z", "page": "999"}).status_code == 200
    assert "Không có học sinh nào khớp" in text(client.get("/hoc-sinh/", {"q": "khongcoai"}))


def test_the_list_costs_the_same_however_long(client, clerk, school, django_assert_max_num_queries):
    with django_assert_max_num_queries(32):
        client.get("/hoc-sinh/")
    for _ in range(30):
        GuardianshipFactory(pupil=EnrolmentFactory(school=school).person)
    with django_assert_max_num_queries(32):
        assert client.get("/hoc-sinh/").status_code == 200


def test_a_pupil_of_another_school_does_not_exist(client, clerk):
    other = EnrolmentFactory()
    tie = GuardianshipFactory(pupil=other.person)
    staff = StaffFactory()
    posting = staff.person.postings.get()
    pages = [
        reverse("people:pupil", args=[other.person_id]),
        reverse("people:pupil_edit", args=[other.person_id, "identity"]),
        reverse("people:enrolment_edit", args=[other.person_id, other.pk, "study"]),
        reverse("people:guardian", args=[other.person_id, tie.pk]),
        reverse("people:withdraw", args=[other.pk]),
        reverse("people:readmit", args=[other.pk]),
        reverse("people:send", args=[other.pk]),
        reverse("people:staff", args=[staff.person_id]),
        reverse("people:staff_edit", args=[staff.person_id, "salary"]),
        reverse("people:posting_edit", args=[posting.pk]),
        reverse("people:leave", args=[posting.pk]),
    ]
    for page in pages:
        assert client.get(page).status_code == 404, page
        sent = client.post(page, {"full_name": "Khác", "on": "1/1/2023", "reason": "x"})
        assert sent.status_code in (404, 405), page
    assert client.post(reverse("people:number", args=[other.person_id])).status_code == 404
    other.person.refresh_from_db()
    assert other.person.full_name != "Khác"
    assert other.person.full_name not in text(client.get("/hoc-sinh/", {"q": other.person.pupil.code}))


@pytest.mark.parametrize("role", [Role.SUBJECT_TEACHER, Role.DEPARTMENT_OFFICER, Role.AUDITOR, Role.PUPIL])
def test_who_may_not_change_files_is_refused(client, school, role):
    enrolment = EnrolmentFactory(school=school)
    signed_in(client, role, school)
    for page in (
        reverse("people:pupil_new"), reverse("people:pupils_export"), reverse("people:imports"),
        reverse("people:transfers"), reverse("people:withdraw", args=[enrolment.pk]),
        reverse("people:staff_list"), reverse("people:staff_new"),
        reverse("people:pupil_edit", args=[enrolment.person_id, "identity"]),
        reverse("people:import_template", args=["pupils"]),
    ):  # fmt: skip
        assert client.get(page).status_code in (403, 404), page
        assert client.post(page, {"purpose": "x", "kind": "pupils"}).status_code in (403, 404, 405), page
    enrolment.refresh_from_db()
    assert enrolment.status == "studying"
    assert not ImportRun.objects.exists()


def test_nobody_comes_in_without_signing_in(client):
    for name in ("pupils", "staff_list", "transfers", "imports", "my_files"):
        response = client.get(reverse(f"people:{name}"))
        assert response.status_code == 302
        assert response["Location"].startswith("/tai-khoan/dang-nhap/")


def test_the_file_shows_groups_doubts_and_a_masked_number(client, clerk, school):
    enrolment = EnrolmentFactory(
        school=school,
        person=PupilFactory(
            school=school, person__personal_id="045310000123", person__birth_date=date(2011, 3, 9), person__gender="01"
        ).person,
    )
    GuardianshipFactory(pupil=enrolment.person, adult=PersonFactory(full_name="Giàng Thị Dở", school_ids=[school.pk]))
    page = text(client.get(reverse("people:pupil", args=[enrolment.person_id])))
    assert "0453••••0123" in page
    assert "045310000123" not in page
    assert "năm sinh 2010" in page  # the number says another year
    assert "Giàng Thị Dở" in page
    assert not Line.objects.filter(subject_id=enrolment.person_id, op="N").exists()
    shown = text(client.post(reverse("people:number", args=[enrolment.person_id])))
    assert "045310000123" in shown
    assert Line.objects.get(subject_id=enrolment.person_id, op="N").action == "people.number_read"


def test_a_subject_teacher_sees_no_sensitive_fields(client, school):
    pupil = PupilFactory(school=school, person__ethnic_code="08", profile={"policy_code": "03"})
    EnrolmentFactory(school=school, person=pupil.person)
    signed_in(client, Role.SUBJECT_TEACHER, school)
    page = text(client.get(reverse("people:pupil", args=[pupil.person_id])))
    assert pupil.person.full_name in page
    assert "Hmông" not in page
    assert "Con liệt sĩ" not in page
    assert "••••" not in page
    assert client.post(reverse("people:number", args=[pupil.person_id])).status_code == 404


def test_a_group_is_edited_with_the_reason_in_the_history(client, clerk, school):
    enrolment = EnrolmentFactory(school=school)
    page = reverse("people:pupil_edit", args=[enrolment.person_id, "identity"])
    form = text(client.get(page))
    assert "Số định danh cá nhân" in form
    answer = client.post(
        page,
        {
            "full_name": "Vừ A Súng",
            "birth_date": "10/3/2011",
            "gender_code": "01",
            "ethnic_code": "08",
            "reason": "theo giấy khai sinh",
        },
    )
    assert answer.status_code == 302
    enrolment.person.refresh_from_db()
    assert (enrolment.person.full_name, enrolment.person.birth_date) == ("Vừ A Súng", date(2011, 3, 10))
    file = text(client.get(answer["Location"]))
    assert "theo giấy khai sinh" in file
    assert clerk.account.full_name in file


def test_a_wrong_value_comes_back_beside_its_field(client, clerk, school):
    enrolment = EnrolmentFactory(school=school)
    before = enrolment.person.full_name
    answer = client.post(
        reverse("people:pupil_edit", args=[enrolment.person_id, "identity"]),
        {"full_name": "Vừ A Súng", "birth_date": "31/2/2011"},
    )
    assert answer.status_code == 400
    assert "không có trong lịch" in text(answer)
    enrolment.person.refresh_from_db()
    assert enrolment.person.full_name == before


def test_conditional_fields_appear_when_they_apply(client, clerk, school):
    enrolment = EnrolmentFactory(school=school)
    form = text(client.get(reverse("people:pupil_edit", args=[enrolment.person_id, "health"])))
    assert 'data-show-when="is_inclusive_disabled=true"' in form
    boarding = text(client.get(reverse("people:enrolment_edit", args=[enrolment.person_id, enrolment.pk, "boarding"])))
    assert "day_boarding_ground_code" in boarding
    assert "lunch_support" not in boarding  # only in preschool
    answer = client.post(
        reverse("people:pupil_edit", args=[enrolment.person_id, "health"]), {"is_inclusive_disabled": "true"}
    )
    assert answer.status_code == 400
    assert "Học sinh khuyết tật" in text(answer)


def test_a_new_file_is_made_on_the_page(client, clerk, school):
    answer = client.post(
        "/hoc-sinh/them/",
        {
            "full_name": "Lò Thị Ín",
            "birth_date": "9/3/2011",
            "gender_code": "02",
            "grade": "6",
            "started_on": "5/9/2022",
            "mother_name": "Lò Thị Ẻn",
        },
    )
    assert answer.status_code == 302, text(answer)
    enrolment = Enrolment.objects.get(school=school)
    assert (enrolment.person.full_name, enrolment.year, enrolment.grade) == ("Lò Thị Ín", 2022, "6")
    assert client.get(answer["Location"]).status_code == 200


def test_a_pupil_and_a_parent_read_their_own_files_only(client, school):
    enrolment, other = EnrolmentFactory(school=school), EnrolmentFactory(school=school)
    mother = GuardianshipFactory(pupil=enrolment.person)
    signed_in(client, Role.PARENT, school, mother.adult)
    answer = client.get("/ho-so/")
    assert answer.status_code == 302
    page = text(client.get(answer["Location"]))
    assert enrolment.person.full_name in page
    assert "/sua/" not in page
    assert client.get(reverse("people:pupil", args=[other.person_id])).status_code == 404
    assert (
        client.post(
            reverse("people:pupil_edit", args=[enrolment.person_id, "identity"]), {"full_name": "Khác"}
        ).status_code
        == 404
    )
    mother.may_read = False
    mother.restricted_by = "Bản án 12/2022"
    mother.save()
    assert client.get(reverse("people:pupil", args=[enrolment.person_id])).status_code == 404


def test_an_export_asks_for_its_purpose_and_is_logged(client, clerk, school):
    EnrolmentFactory(school=school, person=PupilFactory(school=school, person__full_name="Hồ Thị Kăn Lịch").person)
    assert "Mục đích" in text(client.get("/hoc-sinh/xuat-excel/?q=lich"))
    assert client.post("/hoc-sinh/xuat-excel/", {"purpose": ""}).status_code == 200
    assert not Line.objects.filter(action="people.pupils_exported").exists()
    answer = client.post("/hoc-sinh/xuat-excel/?q=lich", {"purpose": "Nộp Phòng GDĐT"})
    page = load_workbook(BytesIO(answer.content)).worksheets[0]
    assert "Hồ Thị Kăn Lịch" in [cell.value for row in page.iter_rows() for cell in row]
    line = Line.objects.get(action="people.pupils_exported")
    assert (line.after["purpose"], line.after["count"]) == ("Nộp Phòng GDĐT", 1)


def test_a_pupil_leaves_and_comes_back_on_the_page(client, clerk, school):
    enrolment = EnrolmentFactory(school=school)
    page = reverse("people:withdraw", args=[enrolment.pk])
    assert client.post(page, {"on": "1/9/2022", "dropout_reason_code": "01"}).status_code == 400  # before the start
    assert (
        client.post(page, {"on": "1/11/2022", "dropout_reason_code": "01", "note": "gia đình đi làm ăn xa"}).status_code
        == 302
    )
    enrolment.refresh_from_db()
    assert enrolment.status == "left"
    assert client.post(reverse("people:readmit", args=[enrolment.pk]), {"on": "1/12/2022"}).status_code == 302
    enrolment.refresh_from_db()
    assert enrolment.status == "studying"


def test_a_transfer_goes_through_both_inboxes(client, clerk, school):
    receiving = SchoolFactory()
    enrolment = EnrolmentFactory(school=school)
    page = reverse("people:send", args=[enrolment.pk])
    assert client.post(page, {"school_code": "khong-co", "reason": "Theo cha mẹ"}).status_code == 400
    assert client.post(page, {"school_code": receiving.code, "reason": "Theo cha mẹ"}).status_code == 302
    transfer = Transfer.objects.get()
    assert "Đồng ý cho đi" in text(client.get("/chuyen-truong/"))
    client.post(reverse("people:transfer_act", args=[transfer.pk, "dong-y"]))
    signed_in(client, Role.CLERK, receiving)
    inbox = text(client.get("/chuyen-truong/"))
    assert enrolment.person.full_name in inbox
    assert "Tiếp nhận" in inbox
    assert client.get(reverse("people:pupil", args=[enrolment.person_id])).status_code == 404
    client.post(reverse("people:transfer_act", args=[transfer.pk, "tiep-nhan"]), {"on": "16/01/2023"})
    transfer.refresh_from_db()
    assert transfer.state == "accepted"
    assert client.get(reverse("people:pupil", args=[enrolment.person_id])).status_code == 200
    signed_in(client, Role.CLERK, SchoolFactory())
    assert client.post(reverse("people:transfer_act", args=[transfer.pk, "rut"])).status_code == 404


def test_the_receiving_school_asks_on_the_page(client, clerk, school):
    other = EnrolmentFactory()
    held = {
        "code": other.person.pupil.code,
        "birth_date": other.person.birth_date.strftime("%d/%m/%Y"),
        "reason": "Gia đình chuyển nhà",
    }
    assert client.post("/chuyen-truong/xin-tiep-nhan/", held | {"birth_date": "1/1/2000"}).status_code == 400
    assert not Transfer.objects.exists()
    assert client.post("/chuyen-truong/xin-tiep-nhan/", held).status_code == 302
    assert Transfer.objects.get().requested_by_school == school


def upload(client, data, kind="pupils"):
    return client.post("/nhap-excel/", {"kind": kind, "file": SimpleUploadedFile("hoc-sinh.xlsx", data)})


def test_a_file_is_previewed_written_by_the_worker_and_reported(client, clerk, school):
    answer = upload(client, book(HEADINGS, *pupil_rows(30), ["x", "HSX", "Sùng A Páo", "31/2/2011"]))
    assert answer.status_code == 302, text(answer)
    page = text(client.get(answer["Location"]))
    assert "Ghi 30 dòng" in page
    assert "D32" in page
    assert not Pupil.objects.filter(school=school).exists()
    marked = client.get(answer["Location"] + "danh-dau/")
    assert load_workbook(BytesIO(marked.content)).worksheets[0]["D32"].comment is not None
    assert client.post(answer["Location"] + "ghi/").status_code == 302
    assert "sen-progress" in text(client.get(answer["Location"]))
    assert client.get(answer["Location"] + "tien-do/").json()["state"] == "queued"
    assert jobs.apply_queued_imports(0) == 1
    assert jobs.apply_queued_imports(0) == 0
    done = client.get(answer["Location"] + "tien-do/").json()
    assert (done["state"], done["done"], done["total"]) == ("done", 30, 31)
    assert "30 mới" in text(client.get(answer["Location"]))
    assert Pupil.objects.filter(school=school).count() == 30
    notice = Notice.objects.get(account_id=clerk.account_id)
    assert notice.url == answer["Location"]
    line = Line.objects.filter(subject_table="people_pupil", op="I").first()
    assert str(clerk.account_id) in line.actor
    assert "hoc-sinh.xlsx" in line.reason


def test_a_clerk_whose_grant_has_ended_writes_nothing(client, clerk, school):
    answer = upload(client, book(HEADINGS, *pupil_rows(3)))
    client.post(answer["Location"] + "ghi/")
    clerk.valid_to = date(2022, 1, 1)
    clerk.save()
    jobs.apply_queued_imports(0)
    run = ImportRun.objects.get()
    assert (run.state, run.applied_at) == ("failed", None)
    assert not Pupil.objects.filter(school=school).exists()


def test_a_crash_while_writing_is_told_and_leaves_nothing(client, clerk, school, monkeypatch):
    answer = upload(client, book(HEADINGS, *pupil_rows(3)))
    client.post(answer["Location"] + "ghi/")
    from sen.core.people.imports.writing import PupilWriter

    def breaks(_self):
        raise RuntimeError

    monkeypatch.setattr(PupilWriter, "save", breaks)
    jobs.apply_queued_imports(0)
    run = ImportRun.objects.get()
    assert run.state == "failed"
    assert "chưa có gì được ghi" in run.message
    assert not Pupil.objects.filter(school=school).exists()
    monkeypatch.undo()
    assert "chưa có gì được ghi" in text(client.get(answer["Location"]))
    client.post(answer["Location"] + "ghi/")
    jobs.apply_queued_imports(0)
    assert Pupil.objects.filter(school=school).count() == 3


def test_a_double_is_decided_on_the_page(client, clerk, school):
    enrolment = EnrolmentFactory(
        school=school,
        person=PupilFactory(
            school=school,
            code="",
            local_code="",
            person__full_name="Hồ Văn Pỉa",
            person__birth_date=date(2011, 3, 9),
            person__personal_id="",
        ).person,
    )
    GuardianshipFactory(pupil=enrolment.person, adult=PersonFactory(full_name="Hồ Thị Lương", school_ids=[school.pk]))
    answer = upload(
        client, book(("Họ tên", "Ngày sinh", "Lớp", "Họ tên mẹ"), ["Hồ Văn Pỉa", "3/9/2011", "6A", "Hồ Thị Lương"])
    )
    page = text(client.get(answer["Location"]))
    assert "Cùng một người" in page
    assert "03/09/2011" in page
    assert "09/03/2011" in page
    client.post(answer["Location"] + "quyet-dinh/", {"row-1": str(enrolment.person_id)})
    assert ImportRun.objects.get().decisions == {"1": str(enrolment.person_id)}
    assert "Ghi 1 dòng" in text(client.get(answer["Location"]))


@pytest.mark.parametrize("data", [b"", b"khong phai excel", book(("a", "b"), (1, 2))])
def test_what_is_no_list_comes_back_with_a_sentence(client, clerk, data):
    answer = upload(client, data)
    assert answer.status_code == 400
    assert not ImportRun.objects.exists()


def test_a_run_of_another_school_does_not_exist(client, clerk):
    from sen.core.people.imports import runs

    other = SchoolFactory()
    run = runs.start(
        actor=actor(Role.CLERK, other),
        school=other,
        year=2022,
        kind="pupils",
        name="a.xlsx",
        data=book(HEADINGS, *pupil_rows(2)),
    )
    for name in ("import_run", "import_progress", "import_marked"):
        assert client.get(reverse(f"people:{name}", args=[run.pk])).status_code == 404
    for name in ("import_write", "import_decide"):
        assert client.post(reverse(f"people:{name}", args=[run.pk])).status_code == 404
    run.refresh_from_db()
    assert run.state == "done"
    assert run.applied_at is None


def test_blank_files_are_offered_for_every_kind(client, clerk):
    page = text(client.get("/nhap-excel/"))
    for kind in ("pupils", "staff", "classes", "assignments"):
        assert f"/nhap-excel/mau/{kind}/" in page
        assert client.get(f"/nhap-excel/mau/{kind}/").status_code == 200
    assert client.get("/nhap-excel/mau/marks/").status_code == 404


def test_staff_are_listed_opened_edited_and_let_go(client, clerk, school):
    staff = StaffFactory(school=school, person__full_name="Ngô Thị Ấm", posting__position_code="03")
    assert "Ngô Thị Ấm" in text(client.get("/nhan-su/", {"q": "am", "nhom": "03"}))
    file = reverse("people:staff", args=[staff.person_id])
    assert "Tổ trưởng chuyên môn" in text(client.get(file))
    answer = client.post(
        reverse("people:staff_edit", args=[staff.person_id, "salary"]),
        {"salary_coefficient": "3,66", "civil_rank_code": "V.07.04.32"},
    )
    assert answer.status_code == 302
    staff.refresh_from_db()
    assert staff.profile == {"salary_coefficient": "3.66", "civil_rank_code": "V.07.04.32"}
    posting = staff.person.postings.get()
    assert (
        client.post(
            reverse("people:leave", args=[posting.pk]), {"on": "1/1/2023", "reason": "Chuyển công tác"}
        ).status_code
        == 302
    )
    posting.refresh_from_db()
    assert posting.ended_on == date(2023, 1, 1)
    assert "Ngô Thị Ấm" not in text(client.get("/nhan-su/"))
    assert "Ngô Thị Ấm" in text(client.get("/nhan-su/", {"da-roi": "1"}))


def test_staff_are_made_received_and_exported(client, clerk, school):
    answer = client.post(
        "/nhan-su/them/",
        {
            "full_name": "Lò Văn Ích",
            "birth_date": "1/2/1985",
            "gender_code": "01",
            "group_code": "03",
            "started_on": "1/9/2020",
        },
    )
    assert answer.status_code == 302, text(answer)
    other = StaffFactory(code="CB77")
    held = {
        "code": "CB77",
        "birth_date": other.person.birth_date.strftime("%d/%m/%Y"),
        "group_code": "03",
        "started_on": "1/9/2022",
    }
    assert client.post("/nhan-su/tiep-nhan/", held | {"birth_date": "1/1/1970"}).status_code == 400
    assert client.post("/nhan-su/tiep-nhan/", held).status_code == 302
    assert Posting.objects.filter(school=school).count() == 2
    assert client.post("/nhan-su/xuat-excel/", {"purpose": "Kiểm tra"}).status_code == 200
    assert Line.objects.get(action="people.staff_exported").after["count"] == 2


def test_a_former_school_reads_its_own_years_and_leaves_a_line(client, clerk, school):
    enrolment, receiving = EnrolmentFactory(school=school), SchoolFactory()
    here, there = actor(Role.CLERK, school), actor(Role.CLERK, receiving)
    transfer = services.request_transfer(
        actor=here, enrolment=enrolment, receiving_school=receiving, reason="x", effective_on=date(2023, 1, 16)
    )
    services.release_transfer(actor=here, transfer=transfer)
    services.accept_transfer(actor=there, transfer=transfer)
    file = reverse("people:pupil", args=[enrolment.person_id])
    page = text(client.get(file))
    assert page.count("Chuyển đi") >= 1
    assert "/sua/" not in page
    assert Line.objects.filter(subject_id=enrolment.person_id, op="N", action="people.file_read").count() == 1
    assert client.get(file + "sua/identity/").status_code == 404


def test_the_desk_tells_what_waits_and_finds_people(client, clerk, school):
    EnrolmentFactory(
        school=school,
        person=PupilFactory(school=school, person__full_name="Hồ Thị Kăn Lịch", person__personal_id="").person,
    )
    StaffFactory(school=school, person__full_name="Ngô Thị Ấm")
    home = text(client.get("/"))
    assert "chưa có số định danh cá nhân" in home
    found = text(client.get("/tim", {"q": "kan lich"}))
    assert "Hồ Thị Kăn Lịch" in found
    assert "Ngô Thị Ấm" in text(client.get("/tim", {"q": "ngo am"}))


def test_issued_accounts_are_noted_on_the_persons(school):
    from sen.core.identity import links
    from sen.core.identity.desk import When
    from sen.core.identity.services import issue_accounts

    enrolment = EnrolmentFactory(school=school)
    mother = GuardianshipFactory(pupil=enrolment.person)
    StaffFactory(school=school, posting__position_code="01")
    head = actor(Role.PRINCIPAL, school)
    people = links.candidates(head, school.pk, When(2022, 1, date(2022, 10, 1)))
    assert {one.role for one in people} == {Role.PRINCIPAL, Role.PUPIL, Role.PARENT}
    issue_accounts(actor=head, school=school, people=[one for one in people if one.role != Role.PRINCIPAL])
    for person in (enrolment.person, mother.adult):
        person.refresh_from_db()
        assert person.account is not None
    again = links.candidates(head, school.pk, When(2022, 1, date(2022, 10, 1)))
    assert sum(one.account_id is not None for one in again) == 2
