"""Calendar and choice rules by tables of cases."""

from datetime import date

import pytest

from sen.core.curriculum import queries, rules
from sen.core.curriculum.rules import ChoiceNeed, Dates, Frame
from sen.shared.kit.errors import Invalid

FRAME = Frame(date(2022, 9, 5), date(2023, 1, 15), date(2023, 5, 25), date(2023, 5, 31))
GOOD = Dates(date(2022, 9, 5), date(2023, 1, 13), date(2023, 1, 16), date(2023, 5, 25))


def test_dates_inside_the_frame_are_taken():
    rules.check_dates(GOOD, FRAME)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"starts_on": date(2022, 8, 20)}, "starts_on"),
        ({"starts_on": date(2022, 9, 20)}, "starts_on"),
        ({"term1_ends_on": date(2023, 1, 15), "term2_starts_on": date(2023, 1, 16)}, "term1_ends_on"),
        ({"ends_on": date(2023, 5, 31)}, "ends_on"),
        ({"term2_starts_on": date(2023, 1, 10)}, ""),
    ],
)
def test_dates_outside_the_frame_are_refused_at_their_field(change, place):
    with pytest.raises(Invalid) as refused:
        rules.check_dates(Dates(**(GOOD.__dict__ | change)), FRAME)
    assert refused.value.place == place


def test_weeks_of_2022_count_1_to_35_and_skip_tet():
    weeks = rules.plan_weeks(GOOD, queries.holidays(2022))
    assert [week.number for week in weeks if week.number] == list(range(1, 36))
    assert sum(1 for week in weeks if week.kind == "teaching" and week.term == 1) == 18
    tet = next(week for week in weeks if week.starts_on == date(2023, 1, 23))
    assert (tet.kind, tet.number, tet.term) == ("holiday", None, 2)
    assert weeks[18].kind == "reserve"  # the 19th week of term I
    assert rules.missing_weeks(weeks) == 0


def test_a_year_that_starts_in_mid_week_begins_on_its_monday():
    weeks = rules.plan_weeks(Dates(date(2022, 9, 7), date(2023, 1, 13), date(2023, 1, 16), date(2023, 5, 25)), [])
    assert weeks[0].starts_on == date(2022, 9, 5)


def test_a_short_year_says_how_many_weeks_are_missing():
    weeks = rules.plan_weeks(Dates(date(2022, 9, 5), date(2023, 1, 13), date(2023, 1, 16), date(2023, 4, 30)), [])
    assert rules.missing_weeks(weeks) == 2


@pytest.mark.parametrize(
    ("programme", "level", "need"),
    [
        ("2018", "upper_secondary", ChoiceNeed(4, 3)),
        ("gdtx-new", "continuing_upper", ChoiceNeed(4, 3)),
        ("2006", "upper_secondary", None),
        ("2018", "lower_secondary", None),
    ],
)
def test_who_chooses(programme, level, need):
    assert rules.choice_need(programme, level) == need


@pytest.mark.parametrize(
    ("electives", "clusters", "outside", "faults"), [(4, 3, 0, 0), (3, 3, 0, 1), (5, 2, 0, 2), (4, 3, 1, 1)]
)
def test_choices_that_do_not_add_up(electives, clusters, outside, faults):
    assert len(rules.choice_faults(ChoiceNeed(4, 3), electives, clusters, outside)) == faults


@pytest.mark.parametrize(
    ("name", "grade", "after", "expected"),
    [
        ("6A1", "6", "7", "7A1"),
        ("10 Toán", "10", "11", "11 Toán"),
        ("1A", "1", "2", "2A"),
        ("Lớp Chồi", "mau_giao", "1", "Lớp Chồi"),
        ("12", "1", "2", "12"),
    ],
)
def test_a_class_name_moves_up_with_its_grade(name, grade, after, expected):
    assert rules.next_class_name(name, grade, after) == expected


@pytest.mark.parametrize(
    ("year", "level", "grade", "expected"),
    [
        (2020, "primary", "1", ("2018", "tt27-2020")),
        (2022, "lower_secondary", "7", ("2018", "tt22-2021")),
        (2022, "lower_secondary", "8", ("2006", "tt58-2011")),
        (2023, "lower_secondary", "8", ("2018", "tt22-2021")),
        (2022, "upper_secondary", "11", ("2006", "tt58-2011")),
        (2022, "continuing_upper", "10", ("gdtx-new", "tt43-2021")),
        (2022, "continuing_lower", "8", ("gdtx-old", "qd02-2007")),
        (2026, "preschool", "mau_giao", ("preschool", "preschool-followup")),
    ],
)
def test_regime_and_programme_follow_year_level_and_grade(year, level, grade, expected):
    assert queries.regime_for(year, level, grade) == expected


@pytest.mark.parametrize(("year", "level", "grade"), [(2019, "primary", "1"), (2022, "primary", "6")])
def test_a_year_or_grade_without_rules_is_refused(year, level, grade):
    with pytest.raises(Invalid):
        queries.regime_for(year, level, grade)
