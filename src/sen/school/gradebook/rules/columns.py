"""The grid of a subject: which cells the book has, what each holds, and how its heading reads in Vietnamese."""

from dataclasses import dataclass
from typing import Literal

from sen.school.gradebook.rules.marks import required_regular
from sen.school.gradebook.rules.policy import DEFAULT_POLICY, Policy
from sen.school.gradebook.rules.primary import has_test
from sen.school.gradebook.rules.regimes import PRIMARY, Form, Regime

Kind = Literal["regular", "midterm", "final", "cluster", "level", "test", "remark"]
Entry = Literal["mark", "verdict", "level", "whole_mark", "text"]
MOMENTS_OF_TERM = {1: ("GK1", "CK1"), 2: ("GK2", "CN")}
MOMENT_NAMES = {"GK1": "Giữa học kì I", "CK1": "Cuối học kì I", "GK2": "Giữa học kì II", "CN": "Cuối năm học"}
FIRST_UPPER_GRADE = 10


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the grid. `code` is unique within a term; `weight` is 0 where no formula reads the column.

    `entry` says what the cell takes: a secondary mark, a verdict Đ/CĐ, a primary level T/H/C, a whole mark, text.
    """

    code: str
    kind: Kind
    index: int
    weight: int
    heading: str
    entry: Entry
    moment: str = ""


REMARK = Column("nx", "remark", 1, 0, "Nhận xét", "text")


def columns_for(
    regime: Regime | str,
    subject_form: Form | str,
    lessons_per_year: int,
    grade: int,
    term: int,
    *,
    subject_key: str = "",
    cluster: bool = False,
    last_topic_term: int = 2,
    policy: Policy = DEFAULT_POLICY,
) -> tuple[Column, ...]:
    """Columns of one subject in one term; none for preschool and for what is not assessed.

    Secondary: ĐĐGtx as required, ĐĐGgk, ĐĐGck (Circular 22/2021 Art. 6-7; 58/2011 Art. 7-8). A study-topic cluster
    (`cluster`, grades 10-12) has its own column in the term the policy names; `last_topic_term` is the term its last
    topic ends. Primary: two of the four moments a term, a test mark where there is a test (Circular 27 Art. 7);
    `subject_key` tells Vietnamese and Maths, which are also tested at mid-term in grades 4 and 5.
    """
    regime, form = Regime(regime), Form(subject_form)
    if regime is Regime.PRESCHOOL or form is Form.NONE:
        return ()
    if regime in PRIMARY:
        return primary_columns(form, subject_key, grade, term)
    entry: Entry = "verdict" if form is Form.COMMENTS else "mark"
    count = required_regular(regime, form, lessons_per_year, policy)
    columns = [Column(f"tx{i}", "regular", i, 1, f"ĐĐGtx {i}", entry) for i in range(1, count + 1)]
    has_clusters = regime in (Regime.TT22, Regime.TT43) and grade >= FIRST_UPPER_GRADE
    if cluster and has_clusters and term == cluster_term(policy, last_topic_term):
        columns.append(Column("cd", "cluster", 1, 1, "Chuyên đề", entry))
    columns.append(Column("gk", "midterm", 1, 2, "ĐĐGgk", entry))
    columns.append(Column("ck", "final", 1, 3, "ĐĐGck", entry))
    return (*columns, REMARK)


def cluster_term(policy: Policy, last_topic_term: int) -> int:
    """Term in which the cluster's mark is recorded (Circular 22/2021 Art. 6; a school setting)."""
    return {"term1": 1, "term2": 2}.get(policy.cluster_term, last_topic_term)


def primary_columns(form: Form, subject_key: str, grade: int, term: int) -> tuple[Column, ...]:
    """Level, test mark where there is one, and remark at each moment of the term."""
    columns = []
    for index, moment in enumerate(MOMENTS_OF_TERM[term], start=1):
        name = MOMENT_NAMES[moment]
        columns.append(Column(f"muc_{moment}", "level", index, 0, f"Mức đạt được {name}", "level", moment))
        if has_test(form, subject_key, grade, moment):
            columns.append(Column(f"kt_{moment}", "test", index, 0, f"Điểm KTĐK {name}", "whole_mark", moment))
        columns.append(Column(f"nx_{moment}", "remark", index, 0, f"Nhận xét {name}", "text", moment))
    return tuple(columns)
