"""Reading the tree of a day from the real data: 01/12/2022 with Phòng, today without."""

from datetime import date

import pytest

from sen.core.organisations import queries
from sen.core.organisations.loading import organisation_id
from sen.core.organisations.models import Organisation

pytestmark = pytest.mark.django_db
THEN, NOW = date(2022, 12, 1), date(2026, 3, 1)
DEPARTMENT, OFFICE = organisation_id("department", "45"), organisation_id("office", "461")
SCHOOL = organisation_id("school", "45461501")


def test_the_way_down_to_a_school_then_and_now():
    assert [node.kind for node in queries.path(SCHOOL, THEN)] == ["ministry", "department", "office", "school"]
    assert [node.kind for node in queries.path(SCHOOL, NOW)] == ["ministry", "department", "school"]


@pytest.mark.parametrize(("day", "offices", "schools"), [(THEN, 9, 515), (NOW, 0, 515)])
def test_counts_under_quang_tri(day, offices, schools):
    counts = queries.counts_under([DEPARTMENT], day)[DEPARTMENT]
    assert (counts.offices, counts.schools) == (offices, schools)
    assert len(queries.schools_under(DEPARTMENT, day)) == schools


def test_counts_by_level_count_a_school_at_each_level_it_teaches():
    counts = queries.counts_under([DEPARTMENT], THEN)[DEPARTMENT]
    expected = Organisation.objects.filter(code__startswith="4", kind="school", levels__contains=["lower_secondary"])
    assert counts.levels["lower_secondary"] == expected.count()
    assert sum(counts.levels.values()) > counts.schools


def test_counts_of_many_authorities_take_one_query(django_assert_num_queries):
    departments = list(Organisation.objects.filter(kind="department").values_list("pk", flat=True))
    with django_assert_num_queries(1):
        counts = queries.counts_under(departments, THEN)
    assert sum(node.schools for node in counts.values()) == 1_327


def test_an_ended_office_keeps_its_schools_in_the_past_only():
    assert SCHOOL in queries.schools_under(OFFICE, THEN)
    assert queries.schools_under(OFFICE, NOW) == frozenset()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("nguyen trai dong ha", None),
        ("thcs nguyen trai", "45461501"),
        ("THCS NGUYỄN TRÃI", "45461501"),
        ("45461501", "45461501"),
    ],
)
def test_schools_are_found_without_marks_and_by_code(words, code):
    found = [span.organisation.code for span in queries.search(words, THEN, under=DEPARTMENT)]
    assert (code in found) if code else not found


def test_a_name_outside_the_records_is_the_nearest_one():
    hue = organisation_id("department", "46")
    assert queries.name_on(hue, date(1990, 1, 1)).endswith("Thừa Thiên Huế")
    assert queries.name_on(OFFICE, NOW).startswith("Phòng Giáo dục và Đào tạo")
    assert queries.span_on(OFFICE, NOW) is None


def test_the_history_names_the_papers():
    decisions = [change.decision for change in queries.history(SCHOOL)]
    assert decisions == ["Nghị quyết 203/2025/QH15 và Luật Tổ chức chính quyền địa phương 72/2025/QH15"]
