"""Writing a pupil's file: who may, what is refused, what stays."""

from datetime import date

import pytest

from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import actor
from sen.core.people import queries, services
from sen.core.people.models import Enrolment, Guardianship, Person, Pupil
from sen.core.people.services.files import InvalidFile
from sen.core.people.tests.factories import EnrolmentFactory, GuardianshipFactory, PupilFactory, SchoolFactory
from sen.shared.audit.models import Line
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

pytestmark = pytest.mark.django_db


def new_pupil(clerk, school, **values):
    held = {"full_name": "Vừ A Sùng", "birth_date": "9/3/2011", "gender_code": "Nam"} | values
    return services.create_pupil(
        actor=clerk, school=school, year=2022, grade="6", values=held, started_on=date(2022, 9, 5)
    )


def test_a_new_file_has_person_pupil_parents_and_year():
    school = SchoolFactory()
    clerk = actor(Role.CLERK, school)
    enrolment = new_pupil(
        clerk, school, mother_name="Giàng Thị Dở", mother_phone="+84 912 345 678", mother_birth_year="1984",
        mother_occupation="Nông dân", mother_workplace="Hợp tác xã", religion_code="Công giáo", is_pioneer="x",
    )  # fmt: skip
    person = enrolment.person
    assert (person.full_name, person.birth_date, person.gender) == ("Vừ A Sùng", date(2011, 3, 9), "01")
    assert person.name_folded == "vu a sung"
    assert person.profile == {"religion_code": "02", "is_pioneer": True}
    assert person.school_ids == [school.pk]
    assert (enrolment.level, enrolment.status, enrolment.entry) == ("lower_secondary", "studying", "new")
    tie = person.guardianships.get()
    assert (tie.kind, tie.occupation) == ("mother", "Nông dân")
    assert (tie.adult.phone, tie.adult.gender) == ("0912345678", "02")
    assert tie.adult.profile == {"birth_year": 1984, "workplace": "Hợp tác xã"}


def test_a_stranger_may_not_make_a_file():
    school = SchoolFactory()
    before = Person.objects.count()
    for role, place in ((Role.SUBJECT_TEACHER, school), (Role.CLERK, SchoolFactory()), (Role.PUPIL, school)):
        with pytest.raises(NotAllowed):
            new_pupil(actor(role, place), school)
    assert Person.objects.count() == before


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"birth_date": "31/2/2011"}, "birth_date"),
        ({"ethnic_code": "Sao Hỏa"}, "ethnic_code"),
        ({"full_name": " "}, "full_name"),
        ({"is_inclusive_disabled": "x", "disability_kind_code": ""}, "disability_kind_code"),
    ],
)
def test_wrong_values_are_refused_and_nothing_is_kept(values, place):
    school = SchoolFactory()
    before = Person.objects.count()
    with pytest.raises(InvalidFile) as refused:
        new_pupil(actor(Role.CLERK, school), school, **values)
    assert list(refused.value.errors) == [place]
    assert Person.objects.count() == before


def test_a_code_is_borne_by_one_file_in_the_whole_country():
    elsewhere = PupilFactory(code="4500000001")
    school = SchoolFactory()
    before = Person.objects.count()
    with pytest.raises(RuleError) as refused:
        new_pupil(actor(Role.CLERK, school), school, student_code="4500000001")
    assert refused.value.code == "people.code_taken"
    assert elsewhere.person.full_name not in str(refused.value)
    assert Person.objects.count() == before


def test_a_grade_the_school_does_not_teach_is_refused():
    school = SchoolFactory(levels=["primary"])
    with pytest.raises(RuleError) as refused:
        new_pupil(actor(Role.CLERK, school), school)
    assert refused.value.code == "people.grade_not_taught"
    assert not Pupil.objects.filter(school=school).exists()


def test_a_change_is_written_with_who_and_why_and_the_same_again_writes_nothing():
    from dataclasses import replace

    from sen.shared.kit import scope

    pupil = PupilFactory()
    clerk = replace(actor(Role.CLERK, pupil.school), purpose="theo giấy khai sinh")
    with scope.use(clerk.scope()):
        changed = services.update_pupil(
            actor=clerk, person=pupil.person, values={"full_name": "Lò Văn  Ún", "native_place": "Điện Biên"}
        )
        assert changed == {"person"}
        assert services.update_pupil(actor=clerk, person=pupil.person, values={"full_name": "Lò Văn Ún"}) == set()
    pupil.person.refresh_from_db()
    assert pupil.person.full_name == "Lò Văn Ún"
    line = Line.objects.filter(subject_id=pupil.person_id, op="U").get()
    assert line.reason == "theo giấy khai sinh"
    assert str(clerk.account_id) in line.actor
    assert line.after["full_name"] == "Lò Văn Ún"


def test_only_the_school_that_holds_the_file_changes_it():
    pupil = PupilFactory(person__full_name="Hồ Văn Pỉa")
    for one in (
        actor(Role.CLERK, SchoolFactory()),
        actor(Role.FORM_TEACHER, pupil.school),
        actor(Role.INSPECTOR, pupil.school),
    ):
        with pytest.raises(NotAllowed):
            services.update_pupil(actor=one, person=pupil.person, values={"full_name": "Khác"})
    pupil.person.refresh_from_db()
    assert pupil.person.full_name == "Hồ Văn Pỉa"


def test_brothers_and_sisters_share_a_parent():
    school = SchoolFactory()
    clerk = actor(Role.CLERK, school)
    first = new_pupil(clerk, school, mother_name="Giàng Thị Dở", mother_phone="0912345678")
    second = new_pupil(clerk, school, full_name="Vừ Thị Mỷ", mother_name="giàng thị dở", mother_phone="0912 345 678")
    third = new_pupil(clerk, school, full_name="Sùng A Páo", mother_name="Giàng Thị Dở", mother_phone="0987654321")
    mothers = [e.person.guardianships.get().adult_id for e in (first, second, third)]
    assert mothers[0] == mothers[1] != mothers[2]


def test_a_parent_is_added_changed_and_taken_away():
    pupil = PupilFactory()
    clerk = actor(Role.CLERK, pupil.school)
    services.update_pupil(actor=clerk, person=pupil.person, values={"father_name": "Lò Văn Ích"})
    services.update_pupil(
        actor=clerk, person=pupil.person, values={"father_name": "Lò Văn Ích", "father_phone": "0912345678"}
    )
    tie = Guardianship.objects.get(pupil=pupil.person)
    assert (tie.kind, tie.adult.phone) == ("father", "0912345678")
    services.update_pupil(actor=clerk, person=pupil.person, values={"father_name": ""})
    assert not Guardianship.objects.filter(pupil=pupil.person).exists()
    assert Person.objects.filter(pk=tie.adult_id).exists()


def test_taking_a_parents_right_needs_a_paper():
    tie = GuardianshipFactory()
    clerk = actor(Role.CLERK, tie.pupil.pupil.school)
    with pytest.raises(Invalid):
        services.set_guardian(actor=clerk, guardianship=tie, may_read=False, restricted_by="  ")
    tie.refresh_from_db()
    assert tie.may_read
    services.set_guardian(actor=clerk, guardianship=tie, may_read=False, restricted_by="Bản án 12/2022")
    tie.refresh_from_db()
    assert (tie.may_read, tie.restricted_by) == (False, "Bản án 12/2022")
    with pytest.raises(NotAllowed):
        services.set_guardian(actor=actor(Role.PARENT, tie.pupil.pupil.school), guardianship=tie, may_read=True)
    tie.refresh_from_db()
    assert not tie.may_read


def test_the_year_keeps_its_own_fields_and_a_completed_year_none():
    enrolment = EnrolmentFactory()
    clerk = actor(Role.CLERK, enrolment.school)
    assert services.update_enrolment(
        actor=clerk, enrolment=enrolment, values={"is_day_boarder": "x", "day_boarding_ground_code": "02"}
    )
    enrolment.refresh_from_db()
    assert enrolment.profile == {"is_day_boarder": True, "day_boarding_ground_code": "02"}
    services.update_enrolment(
        actor=clerk, enrolment=enrolment, values={"is_day_boarder": "", "day_boarding_ground_code": "02"}
    )
    enrolment.refresh_from_db()
    assert enrolment.profile == {}
    Enrolment.objects.filter(pk=enrolment.pk).update(status="completed")
    with pytest.raises(RuleError):
        services.update_enrolment(
            actor=clerk, enrolment=enrolment, values={"is_day_boarder": "x", "day_boarding_ground_code": "02"}
        )
    enrolment.refresh_from_db()
    assert enrolment.profile == {}


def test_an_account_reads_itself_and_the_wards_it_may_read():
    from sen.core.identity.tests.factories import AccountFactory

    enrolment = EnrolmentFactory()
    child = enrolment.person
    mother = GuardianshipFactory(pupil=child, kind="mother")
    father = GuardianshipFactory(pupil=child, kind="father", may_read=False, restricted_by="Bản án 12/2022")
    accounts = [AccountFactory() for _ in range(3)]
    for person, account in zip((child, mother.adult, father.adult), accounts, strict=True):
        person.account = account
        person.save()
    assert queries.family(accounts[0].pk) == (child.pk, {child.pk}, {enrolment.school_id})
    assert queries.family(accounts[1].pk) == (mother.adult.pk, {mother.adult.pk, child.pk}, {enrolment.school_id})
    assert queries.family(accounts[2].pk) == (father.adult.pk, {father.adult.pk}, frozenset())
    assert queries.family(AccountFactory().pk) == (None, frozenset(), frozenset())


def reads(person):
    return Line.objects.filter(subject_id=person.pk, op="N").count()


def test_reading_beyond_ones_own_pupils_leaves_a_line():
    enrolment = EnrolmentFactory()
    person, school = enrolment.person, enrolment.school
    services.note_read(actor=actor(Role.CLERK, school), person=person, year=2022)
    assert reads(person) == 0
    services.note_read(actor=actor(Role.INSPECTOR, school), person=person, year=2022)
    services.note_read(actor=actor(Role.SUBJECT_TEACHER, school), person=person, year=2022)
    services.note_read(actor=actor(Role.CLERK, school), person=person, year=2022, what="number")
    assert reads(person) == 3
    with pytest.raises(NotAllowed):
        services.note_read(actor=actor(Role.CLERK, SchoolFactory()), person=person, year=2022)
    assert reads(person) == 3
