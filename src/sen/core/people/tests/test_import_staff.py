from datetime import date

import pytest

from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import actor
from sen.core.people import services
from sen.core.people.imports import runs
from sen.core.people.models import Person, Posting, Staff
from sen.core.people.tests.factories import SchoolFactory, StaffFactory
from sen.core.people.tests.workbooks import book
from sen.shared.kit import scope
from sen.shared.kit.errors import NotAllowed, RuleError

pytestmark = pytest.mark.django_db

HEADINGS = (
    "STT",
    "Mã GV",
    "Họ và tên",
    "Ngày sinh",
    "Giới tính",
    "Chức vụ",
    "Môn dạy",
    "Trình độ chuyên môn",
    "Hệ số lương",
    "SĐT",
    "CCCD",
)
ROWS = (
    [
        1,
        "GV01",
        "Nguyễn Văn Lâm",
        "5/9/1975",
        "Nam",
        "Hiệu trưởng",
        "Toán",
        "ThS",
        "4,98",
        "0912345678",
        "045075000001",
    ],
    [2, "GV02", "HỒ THỊ LƯƠNG", date(1988, 3, 9), "Nữ", "TTCM", "Ngữ văn", "ĐHSP", 3.66, 987654321, None],
    [3, "NV01", "Lò Thị Ẻn", "1/2/1990", "Nữ", "Kế toán", None, "CĐ", None, None, None],
)


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def clerk(school):
    return actor(Role.CLERK, school)


def bring_in(clerk, school, *rows, headings=HEADINGS):
    return runs.bring_in(actor=clerk, school=school, year=2022, kind="staff", name="a.xlsx", data=book(headings, *rows))


def counts(run):
    return {state: n for state, n in run.preview["counts"].items() if n}


def test_staff_come_in_once(clerk, school):
    with scope.use(clerk.scope()):
        assert counts(bring_in(clerk, school, *ROWS)) == {"new": 3}
        assert counts(bring_in(clerk, school, *ROWS)) == {"unchanged": 3}
    head, teacher, accountant = Posting.objects.filter(school=school).order_by("local_code")
    assert [p.group_code for p in (head, teacher, accountant)] == ["01", "03", "02"]
    assert [p.position_code for p in (head, teacher, accountant)] == ["01", "03", "15"]
    assert teacher.person.full_name == "Hồ Thị Lương"
    assert teacher.person.phone == "0987654321"
    assert teacher.person.staff.profile == {
        "main_subject_code": "20",
        "highest_qualification_code": "16",
        "salary_coefficient": "3.66",
    }
    assert teacher.started_on == date(2022, 8, 1)


def test_who_is_manager_teacher_or_other_must_be_clear(clerk, school):
    run = bring_in(clerk, school, ["Lò Thị Ẻn", "1/2/1990"], headings=("Họ tên", "Ngày sinh"))
    assert counts(run) == {"faulty": 1}
    assert not Staff.objects.filter(person__postings__school=school).exists()


def test_the_right_ones_are_written_and_wrong_ones_wait(clerk, school):
    run = bring_in(
        clerk, school,
        ["Nguyễn Văn Lâm", "5/9/2010", "GV", "Toán"], ["Hồ Thị Lương", "5/9/1988", "GV", "Bói toán"],
        ["Lò Thị Ẻn", "5/9/1988", "GV", "Toán"],
        headings=("Họ tên", "Ngày sinh", "Nhóm vị trí", "Môn dạy"),
    )  # fmt: skip
    assert counts(run) == {"new": 1, "faulty": 2}
    assert [p.person.full_name for p in Posting.objects.filter(school=school)] == ["Lò Thị Ẻn"]


def test_a_colleague_of_the_same_name_is_a_question(clerk, school):
    known = StaffFactory(school=school, person__full_name="Ngô Thị Ấm", code="")
    data = book(("Họ tên", "Nhóm vị trí"), ["Ngô Thị Ấm", "Giáo viên"])
    run = runs.start(actor=clerk, school=school, year=2022, kind="staff", name="a.xlsx", data=data)
    assert counts(run) == {"suspect": 1}
    run = runs.decide(actor=clerk, run=run, decisions={"1": str(known.person_id)})
    assert counts(run) == {"unchanged": 1}


def test_a_code_of_another_schools_colleague_asks_for_receiving(clerk, school):
    other = StaffFactory(code="CB77")
    with scope.use(clerk.scope()):
        run = bring_in(
            clerk,
            school,
            ["Ngô Thị Ấm", "1/1/1980", "CB77", "GV"],
            headings=("Họ tên", "Ngày sinh", "Mã định danh", "Nhóm vị trí"),
        )
    assert counts(run) == {"faulty": 1}
    assert list(Posting.objects.filter(person=other.person).values_list("school", flat=True)) == other.person.school_ids


def test_only_who_may_import_brings_staff_in(school):
    with pytest.raises(NotAllowed):
        bring_in(actor(Role.SUBJECT_TEACHER, school), school, *ROWS)
    assert not Posting.objects.filter(school=school).exists()


def new(clerk, school, **posting):
    values = {"full_name": "Lò Văn Ích", "birth_date": "1/2/1985", "gender_code": "01"}
    return services.create_staff(
        actor=clerk, school=school, values=values, posting={"group_code": "03", "started_on": "1/9/2020"} | posting
    )


def test_a_staff_file_is_made_changed_and_ended(clerk, school):
    staff = new(clerk, school, local_code="GV9")
    posting = staff.person.postings.get()
    services.update_staff(
        actor=clerk, person=staff.person, values={"civil_rank_code": "V.07.04.32", "is_party_member": "x"}
    )
    staff.refresh_from_db()
    staff.person.refresh_from_db()
    assert staff.profile == {"civil_rank_code": "V.07.04.32"}
    assert staff.person.profile == {"is_party_member": True}
    assert services.update_posting(actor=clerk, posting=posting, values={"position_code": "03"})
    with pytest.raises(RuleError):
        services.end_posting(actor=clerk, posting=posting, on=date(2020, 1, 1), reason="Chuyển đi")
    with pytest.raises(RuleError):
        services.end_posting(actor=clerk, posting=posting, on=date(2023, 1, 1), reason=" ")
    posting.refresh_from_db()
    assert (posting.position_code, posting.ended_on) == ("03", None)
    services.end_posting(actor=clerk, posting=posting, on=date(2023, 1, 1), reason="Chuyển đi")
    posting.refresh_from_db()
    assert posting.ended_on == date(2023, 1, 1)


@pytest.mark.parametrize("posting", [{"group_code": ""}, {"started_on": ""}, {"local_code": "GV1"}])
def test_a_posting_needs_group_day_and_a_free_number(clerk, school, posting):
    new(clerk, school, local_code="GV1")
    before = Person.objects.count()
    with pytest.raises(RuleError):
        new(clerk, school, **posting)
    assert Person.objects.count() == before


def test_a_colleague_is_received_with_code_and_birth_date_together(clerk, school):
    other = StaffFactory(code="CB77")
    given = {"actor": clerk, "school": school, "posting": {"group_code": "03", "started_on": "1/9/2022"}}
    with scope.use(clerk.scope()):
        for code, born in (("CB77", date(1970, 1, 1)), ("", other.person.birth_date)):
            with pytest.raises(RuleError):
                services.receive_staff(**given, code=code, birth_date=born)
        assert not Person.objects.filter(pk=other.person_id).exists()
        services.receive_staff(**given, code="CB77", birth_date=other.person.birth_date)
        assert Person.objects.get(pk=other.person_id).school_ids[-1] == school.pk
    assert Posting.objects.filter(person=other.person, ended_on=None).count() == 2


def test_only_a_school_where_the_person_works_changes_the_file(clerk, school):
    other = StaffFactory()
    for one in (clerk, actor(Role.SUBJECT_TEACHER, SchoolFactory())):
        with pytest.raises(NotAllowed):
            services.update_staff(actor=one, person=other.person, values={"full_name": "Khác"})
    other.person.refresh_from_db()
    assert other.person.full_name != "Khác"
