"""Which regime holds, where a pupil goes next, and what the grid looks like."""

import pytest

from sen.school.gradebook.rules import Policy, UnknownRegime, columns_for, following_year, next_grade, regime_for
from sen.school.gradebook.rules.primary import has_test, traits_for
from sen.school.gradebook.rules.vector_reading import loads

# First school year of the new regime, grade by grade (roll-out of Circular 32/2018).
FIRST_NEW = {
    1: 2020,
    2: 2021,
    3: 2022,
    4: 2023,
    5: 2024,
    6: 2021,
    7: 2022,
    8: 2023,
    9: 2024,
    10: 2022,
    11: 2023,
    12: 2024,
}


@pytest.mark.parametrize("school_year", range(2020, 2027))
@pytest.mark.parametrize("grade", FIRST_NEW)
def test_the_calendar_of_regimes(school_year: int, grade: int) -> None:
    is_new = school_year >= FIRST_NEW[grade]
    if grade <= 5:
        assert regime_for(school_year, "primary", grade).regime == ("tt27-2020" if is_new else "tt30-2014")
        return
    level = "lower" if grade <= 9 else "upper"
    general = regime_for(school_year, f"{level}_secondary", str(grade))
    assert (general.regime, general.programme) == (("tt22-2021", "2018") if is_new else ("tt58-2011", "2006"))
    assert regime_for(school_year, "general", grade) == general
    continuing = regime_for(school_year, f"continuing_{level}", grade)
    assert continuing.regime == ("tt43-2021" if is_new else "qd02-2007")
    assert continuing.programme == ("gdtx-new" if is_new else "gdtx-old")
    assert regime_for(school_year, "continuing", grade) == continuing


def test_preschool_is_followed_not_marked() -> None:
    assert regime_for(2022, "preschool", "mau_giao").regime == "preschool-followup"
    assert columns_for("preschool-followup", "levels", 0, 0, 1) == ()


@pytest.mark.parametrize(
    ("year", "level", "grade"),
    [(2019, "primary", 1), (2022, "primary", 6), (2022, "lower_secondary", 10), (2022, "university", 1)],
)
def test_what_is_not_on_file_is_refused_with_a_sentence(year: int, level: str, grade: int) -> None:
    with pytest.raises(UnknownRegime, match="Chưa có quy định đánh giá"):
        regime_for(year, level, grade)


@pytest.mark.parametrize(
    ("outcome", "grade", "to_grade"),
    [
        ("PROMOTED", 7, 8),
        ("RETAINED", 7, 7),
        ("COMPLETED", 2, 3),
        ("COMPLETED_PRIMARY", 5, 6),
        ("PROMOTED", 12, None),
        ("RETAINED", 12, 12),
        ("RETEST", 7, None),
        ("PENDING", 7, None),
        ("PRINCIPAL_DECIDES", 3, None),
    ],
)
def test_the_next_grade(outcome: str, grade: int, to_grade: int | None) -> None:
    assert next_grade(outcome, grade) == to_grade


def test_a_repeater_takes_the_regime_of_the_new_year_unless_the_policy_says_otherwise() -> None:
    new = following_year(2022, 8, "RETAINED").choice
    old = following_year(2022, 8, "RETAINED", policy=Policy(repeater_keeps_old_regime=True)).choice
    assert new is not None and new.regime == "tt22-2021"
    assert old is not None and old.regime == "tt58-2011"


def headings(*args: object, **options: object) -> list[str]:
    return [column.heading for column in columns_for(*args, **options)]  # type: ignore[arg-type]  # test shorthand


def test_the_grid_of_a_mark_subject() -> None:
    assert headings("tt22-2021", "marks", 52, 10, 1) == [
        "ĐĐGtx 1",
        "ĐĐGtx 2",
        "ĐĐGtx 3",
        "ĐĐGgk",
        "ĐĐGck",
        "Nhận xét",
    ]
    columns = columns_for("tt22-2021", "marks", 52, 10, 1)
    assert [column.weight for column in columns] == [1, 1, 1, 2, 3, 0]
    assert len({column.code for column in columns}) == len(columns)


def test_the_cluster_has_its_column_in_one_term_of_the_upper_grades() -> None:
    def clusters(regime: str, grade: int, term: int, policy: Policy, last_topic_term: int = 2) -> int:
        columns = columns_for(
            regime, "marks", 70, grade, term, cluster=True, last_topic_term=last_topic_term, policy=policy
        )
        return sum(column.kind == "cluster" for column in columns)

    default = Policy()
    assert [clusters("tt22-2021", 10, term, default) for term in (1, 2)] == [0, 1]
    assert [clusters("tt22-2021", 10, term, default, last_topic_term=1) for term in (1, 2)] == [1, 0]
    assert [clusters("tt43-2021", 12, term, Policy(cluster_term="term1")) for term in (1, 2)] == [1, 0]
    assert clusters("tt22-2021", 9, 2, default) == 0
    assert clusters("tt58-2011", 10, 2, default) == 0


def test_comment_cells_take_verdicts() -> None:
    columns = columns_for("tt22-2021", "comments", 105, 6, 2)
    assert [(column.kind, column.entry) for column in columns] == [
        ("regular", "verdict"),
        ("regular", "verdict"),
        ("midterm", "verdict"),
        ("final", "verdict"),
        ("remark", "text"),
    ]


@pytest.mark.parametrize(
    ("form", "subject", "grade", "moments"),
    [
        ("levels+test", "toan", 1, ["CK1", "CN"]),
        ("levels+test", "toan", 4, ["GK1", "CK1", "GK2", "CN"]),
        ("levels+test", "khoa_hoc", 5, ["CK1", "CN"]),
        ("levels", "dao_duc", 4, []),
    ],
)
def test_primary_grids_have_a_test_where_there_is_a_test(
    form: str, subject: str, grade: int, moments: list[str]
) -> None:
    columns = [c for term in (1, 2) for c in columns_for("tt27-2020", form, 70, grade, term, subject_key=subject)]
    assert [column.moment for column in columns if column.kind == "test"] == moments
    assert [column.moment for column in columns if column.kind == "level"] == ["GK1", "CK1", "GK2", "CN"]
    assert [m for m in ("GK1", "CK1", "GK2", "CN") if has_test(form, subject, grade, m)] == moments


def test_technology_and_informatics_competences_come_with_grade_three() -> None:
    assert len(traits_for("tt27-2020", 2)) == 13
    assert len(traits_for("tt27-2020", 3)) == 15
    assert len(traits_for("tt30-2014", 5)) == 7


def test_the_lesson_loads_cover_every_grade_of_general_secondary() -> None:
    assert {(programme, grade) for programme, grade, _ in loads()} == {
        (programme, grade) for programme in ("2018", "2006") for grade in range(6, 13)
    }
