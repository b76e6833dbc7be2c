import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from sen.core.people.models import Person
from sen.school.gradebook import events
from sen.school.gradebook.models import Result, SheetLine
from sen.school.transcripts import services
from sen.school.transcripts.booklet import data_files
from sen.school.transcripts.models import SignatureStep, Transcript
from sen.shared.documents.attachments import attachments
from sen.shared.documents.canonical import canonical_json, record_from_xml
from sen.shared.documents.fields import field_states, open_pdf
from sen.shared.files.services import read_checked

from .factories import finished_class, person_of

pytestmark = pytest.mark.django_db
State = Transcript.State
REGIMES = ["tt22-2021", "tt58-2011", "tt43-2021", "qd02-2007", "tt27-2020", "tt30-2014"]


@pytest.mark.parametrize("regime", REGIMES)
def test_a_locked_year_becomes_a_file_to_be_signed(regime: str) -> None:
    finished = finished_class(regime, pupils=1, keys=False)
    (transcript,) = finished.built()
    assert (transcript.state, transcript.message) == (State.BUILT, "")
    assert transcript.pdf is not None
    content = read_checked(transcript.pdf)
    record = canonical_json(transcript.record)
    assert attachments(content) == {"hoc-ba.json": record}
    data, xml = data_files(transcript.record, transcript.record_sha256)
    assert data == record
    assert record_from_xml(xml) == transcript.record
    assert [field.name for field in field_states(open_pdf(content))] == ["gvcn", "hieu_truong", "con_dau"]
    assert [step.role for step in transcript.steps.all()] == ["form_teacher", "principal", "seal"]
    assert transcript.record["document"]["id"] == transcript.public_id


def test_subject_teachers_sign_first_where_the_school_wants_it() -> None:
    finished = finished_class(pupils=1, keys=False)
    services.set_policy(actor=finished.principal, school_id=finished.school.pk, subject_teachers_sign=True)
    (transcript,) = finished.built()
    steps = list(transcript.steps.all())
    subjects = [step for step in steps if step.role == "subject_teacher"]
    assert len(subjects) == len(finished.ready.subjects)
    assert {step.signer_id for step in subjects} == {finished.teacher.person_id}
    assert [step.role for step in steps[-3:]] == ["form_teacher", "principal", "seal"]


def test_a_deputy_signs_by_decision() -> None:
    finished = finished_class(pupils=1, keys=False)
    deputy = person_of(finished.teacher)
    services.set_policy(actor=finished.principal, school_id=finished.school.pk, deputy=deputy, deputy_decision="12/QĐ")
    (transcript,) = finished.built()
    assert transcript.steps.get(role="principal").signer == deputy
    assert transcript.record["signers"][1]["title"] == "KT. Hiệu trưởng"


def test_an_incomplete_year_says_what_it_lacks() -> None:
    finished = finished_class(pupils=2, keys=False)
    Result.objects.filter(enrolment=finished.enrolments[0], term=0).update(is_complete=False)
    first, second = finished.built()
    assert (first.state, second.state) == (State.FAILED, State.BUILT)
    assert "chưa đầy đủ" in first.message
    assert not first.steps.exists()


def test_a_name_that_no_font_can_print_stops_only_its_own_transcript() -> None:
    finished = finished_class(pupils=2, keys=False)
    Person.objects.filter(pk=finished.enrolments[0].person_id).update(full_name="Nguyễn 𓀀 Văn")
    first, second = finished.built()
    assert (first.state, second.state) == (State.FAILED, State.BUILT)
    assert "𓀀" in first.message


def test_queueing_again_changes_nothing() -> None:
    finished = finished_class(pupils=2, keys=False)
    before = [(row.pk, row.state, row.pdf_sha256) for row in finished.built()]
    assert services.queue_year(school_id=finished.school.pk, year=2022) == 0
    assert [(row.pk, row.state, row.pdf_sha256) for row in Transcript.objects.order_by("pk")] == sorted(before)


def test_a_completed_year_is_built_after_all() -> None:
    finished = finished_class(pupils=1, keys=False)
    Result.objects.update(outcome="RETEST", outcome_june="RETEST")
    assert finished.built()[0].state == State.FAILED
    Result.objects.filter(term=0).update(outcome="PROMOTED", retests={"toan": 60})
    events.result_changed.send(sender=None, enrolment_id=finished.enrolments[0].pk)
    services.build_next()
    transcript = finished.transcript()
    assert transcript.state == State.BUILT
    assert transcript.version == 1
    assert transcript.record["outcome"]["sentence"].endswith("sau đánh giá lại")
    assert transcript.record["learning"]["after"] == "Đạt"


def test_the_lock_of_a_year_queues_it_by_its_event() -> None:
    finished = finished_class(pupils=2, keys=False)
    events.year_locked.send(sender=None, school_id=finished.school.pk, year=2022)
    assert set(Transcript.objects.values_list("state", flat=True)) == {State.QUEUED}
    assert Transcript.objects.count() == 2


def test_preschool_children_have_no_transcript() -> None:
    from sen.school.gradebook.tests.factories import ready_class

    ready = ready_class("preschool-followup", pupils=2)
    assert services.queue_year(school_id=ready.school.pk, year=2022) == 0
    assert not Transcript.objects.exists()


def test_unlocking_holds_what_is_not_sealed_and_locking_again_builds_it_anew() -> None:
    finished = finished_class(pupils=1)
    (transcript,) = finished.built()
    finished.sign(transcript, "form_teacher")
    events.year_unlocked.send(sender=None, school_id=finished.school.pk, year=2022)
    held = finished.transcript()
    assert held.state == State.FAILED
    assert "mở khóa" in held.message
    line = finished.ready.line("toan", 2)
    SheetLine.objects.filter(pk=line.pk).update(average=90)
    again = finished.built()[0]
    assert (again.pk, again.state, again.version) == (transcript.pk, State.BUILT, 1)
    assert not again.steps.exclude(signed_at=None).exists()


def test_changed_results_of_a_sealed_year_ask_for_a_new_version() -> None:
    finished = finished_class(pupils=1)
    finished.seal(finished.built()[0])
    SheetLine.objects.filter(pk=finished.ready.line("toan", 2).pk).update(average=90)
    assert services.queue_year(school_id=finished.school.pk, year=2022) == 1
    new = finished.transcript()
    assert (new.version, new.state) == (2, State.QUEUED)
    assert "mở khóa" in new.reason


def test_a_chunk_costs_a_constant_number_of_reads(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    finished = finished_class(pupils=6, keys=False)
    services.queue_year(school_id=finished.school.pk, year=2022)
    # 18 for the records, a file and a row each, 6 for the chunk.
    with django_assert_max_num_queries(24 + 2 * 6):
        services.build_next()


def test_two_workers_never_build_the_same_row() -> None:
    finished = finished_class(pupils=3, keys=False)
    services.queue_year(school_id=finished.school.pk, year=2022)
    assert services.build_next(limit=2) == 2
    assert services.build_next(limit=2) == 1
    assert services.build_next(limit=2) == 0


def test_a_rebuild_drops_signatures_of_a_file_never_issued() -> None:
    finished = finished_class(pupils=1)
    transcript = finished.sign(finished.built()[0], "form_teacher")
    services.rebuild(actor=finished.principal, transcript=transcript)
    transcript.refresh_from_db()
    assert transcript.state == State.QUEUED
    assert not SignatureStep.objects.exists()


def test_the_database_keeps_what_is_sealed() -> None:
    finished = finished_class(pupils=1)
    transcript = finished.seal(finished.built()[0])
    for change in (
        "UPDATE transcripts_transcript SET pdf_sha256 = 'x'",
        "UPDATE transcripts_transcript SET state = 'built'",
        "DELETE FROM transcripts_signaturestep",
        "UPDATE transcripts_signaturestep SET signed_at = NULL",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    transcript.refresh_from_db()
    assert transcript.state == State.SEALED
    assert transcript.steps.count() == 3
