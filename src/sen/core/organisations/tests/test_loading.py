"""The tree of the data files, on two days: with and without the district level."""

from datetime import date

import pytest
from django.db.models import Count

from sen.core.organisations import loading
from sen.core.organisations.models import AdministrativeUnit, Change, LoadedData, Organisation, Span

pytestmark = pytest.mark.django_db
THEN, NOW = date(2022, 12, 1), date(2026, 3, 1)


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (THEN, {"province": 63, "district": 705, "commune": 10_599}),
        (date(2025, 6, 30), {"province": 63, "district": 705, "commune": 10_599}),
        (date(2025, 7, 1), {"province": 34, "commune": 10_599}),  # communes: the merges of 2025 are not on file
    ],
)
def test_units_of_a_day(day, counts):
    rows = AdministrativeUnit.objects.on(day).values_list("tier").annotate(Count("id"))
    assert dict(rows) == counts


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (THEN, {"ministry": 1, "department": 63, "office": 702, "school": 1_327}),
        (NOW, {"ministry": 1, "department": 34, "school": 1_273}),  # 54 schools closed by 23/06/2025
    ],
)
def test_organisations_of_a_day(day, counts):
    rows = Span.objects.on(day).values_list("organisation__kind").annotate(Count("id"))
    assert dict(rows) == counts


def test_a_district_school_hangs_under_the_office_then_and_under_the_department_now():
    school = loading.organisation_id("school", "45461501")
    assert Span.objects.on(THEN).get(organisation_id=school).parent_id == loading.organisation_id("office", "461")
    today = Span.objects.on(NOW).get(organisation_id=school)
    assert today.parent_id == loading.organisation_id("department", "45")
    assert today.province.code == "44"  # the new Quảng Trị carries the code of Quảng Bình


def test_the_department_that_carries_the_name_goes_on_and_the_others_end():
    ended = Organisation.objects.get(kind="department", code="06")
    assert Span.objects.get(organisation=ended).valid_to == date(2025, 7, 1)
    merger = Change.objects.get(kind="merge", sources=ended)
    assert merger.results.get().code == "19"
    assert sorted(merger.sources.values_list("code", flat=True)) == ["06", "19"]


def test_an_ended_province_names_its_successor():
    old = AdministrativeUnit.objects.get(tier="province", code="45")
    assert (old.successor.full_name, old.successor.code) == ("Tỉnh Quảng Trị", "44")
    assert set(old.successor.predecessors.values_list("code", flat=True)) == {"44", "45"}


def test_hue_became_a_city_half_a_year_before_the_other_changes():
    hue = Organisation.objects.get(kind="department", code="46")
    names = [(span.valid_from, span.name) for span in Span.objects.filter(organisation=hue).order_by("valid_from")]
    assert names == [
        (loading.BEGINNING, "Sở Giáo dục và Đào tạo tỉnh Thừa Thiên Huế"),
        (date(2025, 1, 1), "Sở Giáo dục và Đào tạo thành phố Huế"),
    ]


def test_no_organisation_stands_at_two_places_on_one_day():
    spans = Span.objects.order_by("organisation_id", "valid_from").values_list(
        "organisation_id", "valid_from", "valid_to"
    )
    for (one, _, until), (other, since, _) in zip(list(spans), list(spans)[1:], strict=False):
        assert one != other or (until is not None and until <= since)


def test_every_level_group_of_the_schools_is_known():
    assert not Organisation.objects.filter(kind="school", levels=[]).exists()


def test_loading_again_does_nothing(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert loading.load() is False


def test_a_newer_version_of_the_files_keeps_what_people_recorded():
    school = loading.organisation_id("school", "45461501")
    Span.objects.filter(organisation_id=school, valid_to=None).update(name="Trường THCS Đổi Tên")
    LoadedData.objects.filter(package="organisations").update(digest="older")
    before = (Organisation.objects.count(), Span.objects.count(), Change.objects.count())
    assert loading.load() is True
    assert (Organisation.objects.count(), Span.objects.count(), Change.objects.count()) == before
    assert Span.objects.get(organisation_id=school, valid_to=None).name == "Trường THCS Đổi Tên"
