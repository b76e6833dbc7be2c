"""Invented authorities and schools for tests, each with its open span; codes start with 99, which no real one does."""

from datetime import date
from typing import Any

import factory

from sen.core.organisations.models import AdministrativeUnit, Organisation, Span
from sen.shared.kit.names import fold

_PREFIX = {
    "ministry": "Bộ",
    "department": "Sở GDĐT",
    "office": "Phòng GDĐT",
    "school": "Trường",
    "campus": "Điểm trường",
}


class UnitFactory(factory.django.DjangoModelFactory[AdministrativeUnit]):
    """An administrative unit; `UnitFactory(tier="commune", parent=district)`."""

    class Meta:
        model = AdministrativeUnit

    tier = AdministrativeUnit.Tier.PROVINCE
    code = factory.Sequence(lambda n: f"X{n:04d}")
    name = factory.Sequence(lambda n: f"Thử nghiệm {n}")
    full_name = factory.LazyAttribute(lambda o: f"Đơn vị {o.name}")
    name_folded = factory.LazyAttribute(lambda o: fold(o.full_name))
    kind = "province"
    valid_from = date(2000, 1, 1)


class OrganisationFactory(factory.django.DjangoModelFactory[Organisation]):
    """A school by default; `name`, `parent`, `since`, `until`, `province` ... go to its span.

    `OrganisationFactory(kind="office", name="Phòng GDĐT Hướng Hóa", parent=department, since=date(2020, 1, 1))`
    """

    class Meta:
        model = Organisation
        skip_postgeneration_save = True

    kind = Organisation.Kind.SCHOOL
    code = factory.Sequence(lambda n: f"9901{n:06d}")
    levels = factory.LazyAttribute(lambda o: ["lower_secondary"] if o.kind == "school" else [])

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Organisation:
        name = kwargs.pop("name", None)
        since = kwargs.pop("since", date(2000, 1, 1))
        until = kwargs.pop("until", None)
        place = {
            field: kwargs.pop(field)
            for field in ("parent", "province", "district", "commune", "address")
            if field in kwargs
        }
        organisation: Organisation = super()._create(model_class, *args, **kwargs)
        text = name or f"{_PREFIX[organisation.kind]} Thử nghiệm {organisation.code[-3:]}"
        Span.objects.create(
            organisation=organisation, name=text, name_folded=fold(text), valid_from=since, valid_to=until, **place
        )
        return organisation
