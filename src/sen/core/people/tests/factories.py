"""Invented people for tests: Kinh names and names of the peoples of the highlands, no real person among them."""

import itertools
from datetime import date
from typing import Any

import factory

from sen.core.identity.models import Account
from sen.core.organisations.models import Organisation, Span
from sen.core.people.models import Enrolment, Guardianship, Person, Posting, Pupil, Staff
from sen.shared.kit.names import fold

BOYS = (
    "Nguyễn Văn Bình", "Trần Đức Ánh", "Lê Hữu Đạt", "Phạm Quốc Ưng", "Hồ Văn Pỉa", "Vừ A Sùng", "Lò Văn Ún",
    "Y Khoa Niê", "Đinh Công Ích", "Sùng A Páo", "Kpă Y Đoan", "Hoàng Ngọc Ẩn",
)  # fmt: skip
GIRLS = (
    "Nguyễn Thị Hường", "Trần Thị Ánh Ngọc", "Lê Thị Thùy Dương", "Hồ Thị Kăn Lịch", "Giàng Thị Mỷ", "H’Linh Êban",
    "Lò Thị Ín", "Vi Thị Xuân", "Phùng Thị Yến", "Bùi Thị Ơn", "Rơ Châm H’Nhung", "Đặng Thị Ý",
)  # fmt: skip
MEN = ("Nguyễn Văn Lâm", "Trần Quang Đỉnh", "Lê Văn Ước", "Hồ Văn Thới", "Vừ Mí Dính", "Y Wang Niê", "Lò Văn Ích")
WOMEN = ("Phạm Thị Sương", "Hoàng Thị Én", "Hồ Thị Lương", "Giàng Thị Dở", "H’Bia Ayun", "Lò Thị Ẻn", "Ngô Thị Ấm")
_numbers = itertools.count(1)


def personal_id(*, birth: date, male: bool, province: str = "045", serial: int | None = None) -> str:
    """A well-built 12-digit number of nobody."""
    century = {1900: 0, 2000: 2}[birth.year // 100 * 100] + (0 if male else 1)
    return f"{province}{century}{birth.year % 100:02d}{next(_numbers) if serial is None else serial:06d}"


class SchoolFactory(factory.django.DjangoModelFactory[Organisation]):
    """A school with its open span; `SchoolFactory(name="Trường THCS Lao Bảo")`."""

    class Meta:
        model = Organisation
        skip_postgeneration_save = True

    kind = Organisation.Kind.SCHOOL
    code = factory.Sequence(lambda n: f"9900{n:06d}")
    levels = ["lower_secondary"]

    @factory.post_generation
    def name(self: Organisation, create: bool, extracted: str | None, **_: Any) -> None:  # type: ignore[misc]
        text = extracted or f"Trường THCS Thử nghiệm {self.code[-3:]}"
        Span.objects.create(organisation=self, name=text, name_folded=fold(text), valid_from=date(2000, 1, 1))


class PersonFactory(factory.django.DjangoModelFactory[Person]):
    class Meta:
        model = Person
        skip_postgeneration_save = True

    gender = factory.Iterator(["01", "02"])
    full_name = factory.LazyAttributeSequence(lambda o, n: (BOYS if o.gender == "01" else GIRLS)[n // 2 % 12])
    birth_date = factory.Sequence(lambda n: date(2011, 1 + n % 12, 1 + n % 28))
    ethnic_code = "01"
    nationality_code = "704"
    personal_id = factory.LazyAttribute(lambda o: personal_id(birth=o.birth_date, male=o.gender == "01"))


class PupilFactory(factory.django.DjangoModelFactory[Pupil]):
    """A pupil at `school`; the person's file is held by that school."""

    class Meta:
        model = Pupil
        skip_postgeneration_save = True

    school = factory.SubFactory(SchoolFactory)
    person = factory.SubFactory(PersonFactory, school_ids=factory.LazyAttribute(lambda o: [o.factory_parent.school.pk]))
    code = factory.Sequence(lambda n: f"45{n:08d}")
    local_code = factory.Sequence(lambda n: f"HS{n:05d}")


class EnrolmentFactory(factory.django.DjangoModelFactory[Enrolment]):
    """A pupil studying at `school` in 2022-2023, grade 6; makes the pupil when none is named (`person=`)."""

    class Meta:
        model = Enrolment
        skip_postgeneration_save = True

    school = factory.SubFactory(SchoolFactory)
    person = factory.LazyAttribute(lambda o: PupilFactory(school=o.school).person)
    year = 2022
    grade = "6"
    level = "lower_secondary"
    started_on = factory.LazyAttribute(lambda o: date(o.year, 9, 5))


class GuardianshipFactory(factory.django.DjangoModelFactory[Guardianship]):
    """A parent of `pupil` (a Person); the adult's file is held by the pupil's schools too."""

    class Meta:
        model = Guardianship
        skip_postgeneration_save = True

    pupil = factory.LazyFunction(lambda: PupilFactory().person)
    kind = Guardianship.Kind.MOTHER
    adult = factory.LazyAttributeSequence(
        lambda o, n: PersonFactory(
            full_name=(WOMEN if o.kind == "mother" else MEN)[n % 7],
            gender="02" if o.kind == "mother" else "01",
            birth_date=date(1984, 1 + n % 12, 1 + n % 28),
            school_ids=list(o.pupil.school_ids),
        )
    )


class GrownUpFactory(PersonFactory):
    """A woman or a man born in 1980."""

    gender = factory.Iterator(["01", "02"])
    full_name = factory.LazyAttributeSequence(lambda o, n: (MEN if o.gender == "01" else WOMEN)[n // 2 % 7])
    birth_date = factory.Sequence(lambda n: date(1980, 1 + n % 12, 1 + n % 28))


class StaffFactory(factory.django.DjangoModelFactory[Staff]):
    """A member of staff with an open posting at `school`; `StaffFactory(posting=False)` leaves the posting out."""

    class Meta:
        model = Staff
        skip_postgeneration_save = True

    class Params:
        school = factory.SubFactory(SchoolFactory)

    person = factory.SubFactory(
        GrownUpFactory, school_ids=factory.LazyAttribute(lambda o: [o.factory_parent.school.pk])
    )
    code = factory.Sequence(lambda n: f"CB{n:08d}")

    @factory.post_generation
    def posting(self: Staff, create: bool, extracted: bool | None, **fields: Any) -> None:  # type: ignore[misc]
        if extracted is False:
            return
        Posting.objects.create(
            person=self.person,
            school_id=self.person.school_ids[0],
            started_on=fields.pop("started_on", date(2020, 9, 1)),
            group_code=fields.pop("group_code", "03"),
            **fields,
        )


class AccountFactory(factory.django.DjangoModelFactory[Account]):
    class Meta:
        model = Account

    username = factory.Sequence(lambda n: f"nguoi-dung-{n}")
    full_name = factory.Iterator([*MEN, *WOMEN])
