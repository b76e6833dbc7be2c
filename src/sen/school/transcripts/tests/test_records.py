from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from sen.core.identity.roles import Role
from sen.core.organisations.models import Span
from sen.core.people.models import Enrolment
from sen.core.people.tests.factories import SchoolFactory
from sen.school.gradebook.models import Correction, Exemption, Result, SheetLine
from sen.school.gradebook.tests.factories import account_of
from sen.school.transcripts.records import records_for, words
from sen.shared.documents.canonical import canonical_json

from .factories import FinishedClass, finished_class, new_teacher

pytestmark = pytest.mark.django_db

REGIMES = ["tt22-2021", "tt58-2011", "tt43-2021", "qd02-2007", "tt27-2020", "tt30-2014"]


def record_of(finished: FinishedClass, pupil: int = 0) -> dict[str, Any]:
    enrolment = finished.enrolments[pupil]
    gathered = records_for([enrolment.pk])[enrolment.pk]
    assert gathered.gaps == ()
    return gathered.record


@pytest.mark.parametrize("regime", REGIMES)
def test_every_regime_has_its_form_and_a_record_that_can_be_hashed(regime: str) -> None:
    record = record_of(finished_class(regime, pupils=1, keys=False))
    assert record["form"] == words.FORMS[record["regime"]["code"]]
    assert canonical_json(record) == canonical_json(dict(reversed(record.items())))
    assert record["outcome"]["sentence"]
    assert len(record["subjects"]) == len({line["key"] for line in record["subjects"]}) > 0


def test_the_words_of_a_regime_are_its_own() -> None:
    new, old = (
        record_of(finished_class("tt22-2021", pupils=1, keys=False)),
        record_of(finished_class("tt58-2011", pupils=1, keys=False)),
    )
    assert (new["labels"]["conduct"], new["labels"]["learning"]) == ("Kết quả rèn luyện", "Kết quả học tập")
    assert (old["labels"]["conduct"], old["labels"]["learning"]) == ("Hạnh kiểm", "Học lực")
    assert "average" not in new
    assert old["average"]["year"] == "8.5"


def test_marks_are_text_and_verdicts_are_short() -> None:
    record = record_of(finished_class(pupils=1, keys=False))
    lines = {line["key"]: line for line in record["subjects"]}
    assert lines["toan"]["year"] == "8.5"
    assert lines["gdtc"]["year"] == "Đ"
    assert lines["toan"]["remark"].startswith("Tiếp thu nhanh")


def test_grade_5_completes_the_primary_level() -> None:
    record = record_of(finished_class("tt30-2014", pupils=1, keys=False))
    assert record["outcome"]["sentence"] == "Hoàn thành chương trình tiểu học"
    assert record["result"] == ""  # Circular 30 knows no four-level year result


def test_primary_records_have_levels_tests_and_traits() -> None:
    record = record_of(finished_class("tt27-2020", pupils=1, keys=False))
    lines = {line["key"]: line for line in record["subjects"]}
    assert (lines["toan"]["level"], lines["toan"]["test"]) == ("T", "9")
    assert [group["name"] for group in record["traits"]] == ["Phẩm chất", "Năng lực chung", "Năng lực đặc thù"]
    assert {item["level"] for group in record["traits"] for item in group["items"]} == {"T"}


def test_a_continuing_centre_has_learners_and_a_director() -> None:
    labels = record_of(finished_class("tt43-2021", pupils=1, keys=False))["labels"]
    assert (labels["pupil"], labels["principal"]) == ("Học viên", "Giám đốc")


@pytest.mark.parametrize(
    ("june", "final", "grade", "sentence"),
    [
        ("PROMOTED", "PROMOTED", "7", "Được lên lớp 8"),
        ("RETEST", "PROMOTED", "7", "Được lên lớp 8 sau đánh giá lại"),
        ("SUMMER_CONDUCT", "PROMOTED", "7", "Được lên lớp 8 sau rèn luyện trong kì nghỉ hè"),
        ("RETAINED", "RETAINED", "7", "Không được lên lớp"),
        ("PROMOTED", "PROMOTED", "9", "Hoàn thành chương trình trung học cơ sở"),
        ("PROMOTED", "PROMOTED", "12", "Hoàn thành chương trình trung học phổ thông"),
    ],
)
def test_the_outcome_is_a_sentence(june: str, final: str, grade: str, sentence: str) -> None:
    assert words.outcome_sentence(words.Regime.TT22, grade, june, final) == sentence


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"is_complete": False}, "chưa đầy đủ"),
        ({"outcome_june": "RETEST", "outcome": "RETEST"}, "đánh giá lại"),
        ({"outcome_june": "SUMMER_CONDUCT", "outcome": "SUMMER_CONDUCT"}, "rèn luyện"),
        ({"outcome": ""}, "chưa đủ dữ liệu"),
    ],
)
def test_an_undecided_year_has_no_record_but_a_reason(changes: dict[str, object], word: str) -> None:
    finished = finished_class(pupils=1, keys=False)
    Result.objects.filter(enrolment=finished.enrolments[0], term=0).update(**changes)
    gathered = records_for([finished.enrolments[0].pk])[finished.enrolments[0].pk]
    assert gathered.record == {}
    assert word in " ".join(gathered.gaps)


def test_the_school_is_named_as_it_was_when_the_year_ended() -> None:
    finished = finished_class(pupils=1, keys=False)
    span = Span.objects.get(organisation=finished.school)
    Span.objects.filter(pk=span.pk).update(name="Trường THCS Tên Cũ", valid_to="2024-01-01")
    Span.objects.create(
        organisation=finished.school, name="Trường THCS Tên Mới", name_folded="x", valid_from="2024-01-01"
    )
    assert record_of(finished)["school"]["name"] == "Trường THCS Tên Cũ"


def test_the_learning_history_is_one_book_across_schools() -> None:
    finished = finished_class("tt22-2021", pupils=1, keys=False)
    elsewhere = finished_class(
        "tt27-2020", pupils=1, keys=False, year=2021, grade="1", school=SchoolFactory(name="Trường Tiểu học Xa")
    )
    enrolment = elsewhere.enrolments[0]
    person = finished.enrolments[0].person
    for model in (Enrolment, Result):
        model.objects.filter(person=enrolment.person).update(person=person)
    history = record_of(finished)["history"]
    assert (history[0]["year"], history[0]["school"]) == ("2021-2022", "Trường Tiểu học Xa")
    assert history[0]["result"] == "Hoàn thành chương trình lớp 1; được lên lớp 2"
    assert len(history) == 2


def test_approved_corrections_are_counted_and_their_values_stand() -> None:
    finished = finished_class(pupils=1, keys=False)
    line = finished.ready.line("toan", 2)
    people = [account_of(new_teacher(finished.school), Role.SUBJECT_TEACHER, finished.school) for _ in range(3)]
    Correction.objects.create(
        school=finished.school,
        person=line.person,
        line=line,
        column="ck",
        old=70,
        new=90,
        reason="Nhập nhầm",
        state="approved",
        requested_by=people[0],
        confirmed_by=people[1],
        approved_by=people[2],
        approved_at=timezone.now(),
    )
    assert record_of(finished)["corrections"] == {"count": 1, "subjects": ["Toán"]}


def test_a_waived_subject_says_so() -> None:
    finished = finished_class(pupils=1, keys=False)
    enrolment = finished.enrolments[0]
    for result in Result.objects.filter(enrolment=enrolment):
        result.subjects.pop("gdtc")
        result.save()
    SheetLine.objects.filter(enrolment=enrolment, sheet__class_subject=finished.ready.subjects["gdtc"]).update(level="")
    Exemption.objects.create(
        school=finished.school,
        person=enrolment.person,
        enrolment=enrolment,
        class_subject=finished.ready.subjects["gdtc"],
        paper="Giấy ra viện",
        granted_by=account_of(new_teacher(finished.school), Role.PRINCIPAL, finished.school),
    )
    line = next(line for line in record_of(finished)["subjects"] if line["key"] == "gdtc")
    assert (line["term1"], line["term2"], line["year"]) == ("Miễn", "Miễn", "Miễn")


def test_the_digest_changes_with_a_mark_and_with_nothing_else() -> None:
    finished = finished_class(pupils=1, keys=False)
    before = record_of(finished)["results_sha256"]
    assert record_of(finished)["results_sha256"] == before
    line = finished.ready.line("toan", 2)
    SheetLine.objects.filter(pk=line.pk).update(corrected={"ck": 95})
    assert record_of(finished)["results_sha256"] != before


def test_a_class_costs_as_many_queries_as_a_pupil(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    finished = finished_class(pupils=1, keys=False)
    with django_assert_num_queries(18):
        records_for([finished.enrolments[0].pk])
    more = finished_class(pupils=6, keys=False)
    with django_assert_num_queries(18):
        records_for([row.pk for row in more.enrolments])
