import io
import zipfile
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from sen.core.identity.actor import Actor
from sen.core.identity.models import Grant
from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import GrantFactory, sign_in
from sen.core.people.models import Enrolment, Person, Pupil
from sen.core.people.tests.factories import AccountFactory, GuardianshipFactory
from sen.school.transcripts import services
from sen.school.transcripts.models import SigningBatch, SigningKey, Transcript
from sen.shared.audit.models import Line
from sen.shared.documents.attachments import attachments
from sen.shared.files.services import read_checked

from .factories import FinishedClass, finished_class

pytestmark = pytest.mark.django_db


def browser(actor: Actor) -> Client:
    """A browser signed in as this actor, just now and with the second factor."""
    client = Client()
    grant = Grant.objects.get(account=actor.account_id, role=actor.role, valid_to=None)
    sign_in(client, grant, confirmed=True)
    return client


def family(finished: FinishedClass) -> Client:
    """The browser of the first pupil's mother."""
    child = finished.enrolments[0].person
    tie = GuardianshipFactory(pupil=child)
    tie.adult.account = AccountFactory(full_name=tie.adult.full_name)
    tie.adult.save()
    grant = GrantFactory(account=tie.adult.account, role=Role.PARENT, organisation=finished.school)
    client = Client()
    sign_in(client, grant)
    return client


def page(client: Client, name: str, *args: Any, status: int = 200, **query: Any) -> str:
    response = client.get(reverse(f"transcripts:{name}", args=args), query)
    assert response.status_code == status, response.content.decode()[:600]
    return response.content.decode()


def test_the_school_sees_how_far_each_class_is() -> None:
    finished = finished_class(pupils=2)
    finished.seal(finished.built()[0])
    text = page(browser(finished.principal), "school", year=2022)
    assert finished.ready.school_class.name in text
    assert "Đã đóng dấu 1 trên 2 học bạ." in text


def test_the_page_of_the_school_costs_the_same_with_more_classes(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    finished = finished_class(pupils=2)
    finished.built()
    for _ in range(3):
        finished_class(pupils=2, keys=False, school=finished.school)
    client = browser(finished.principal)
    with django_assert_max_num_queries(30):
        page(client, "school", year=2022)


def test_the_page_of_a_class_costs_the_same_with_more_pupils(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    finished = finished_class(pupils=8)
    finished.built()
    client = browser(finished.form_teacher)
    with django_assert_max_num_queries(30):
        text = page(client, "class", finished.ready.school_class.pk)
    assert text.count("Chờ ký") == 8


def test_a_form_teacher_signs_the_class_through_the_page() -> None:
    finished = finished_class(pupils=2)
    rows = finished.built()
    client = browser(finished.form_teacher)
    text = page(client, "sign", "form_teacher", year=2022)
    assert "Ký 2 học bạ" in text
    assert text.count("Cần mở xem") == 2
    token = text.split('name="list" value="')[1].split('"')[0]
    url = reverse("transcripts:sign", args=["form_teacher"]) + "?year=2022"
    early = client.post(url, {"list": token, "count": "2"})
    assert early.status_code == 409
    assert "mở xem thêm 2" in early.content.decode()
    for row in rows:
        preview = client.get(reverse("transcripts:preview", args=["form_teacher", row.pk]))
        assert preview["Content-Type"] == "application/pdf"
        assert preview["X-Content-Type-Options"] == "nosniff"
        assert preview["X-Frame-Options"] == "SAMEORIGIN"
    wrong = client.post(url, {"list": token, "count": "45"})
    assert wrong.status_code == 409
    assert not SigningBatch.objects.exists()
    done = client.post(url, {"list": token, "count": "2"})
    batch = SigningBatch.objects.get()
    assert done.status_code == 302
    assert done["Location"] == reverse("transcripts:batch", args=[batch.pk])
    hands = services.Hands()
    while services.sign_next(hands):
        pass
    hands.close()
    assert "Đã ký 2 học bạ." in page(client, "batch", batch.pk)
    state = client.get(reverse("transcripts:progress", args=[batch.pk])).json()
    assert (state["state"], state["done"], state["total"]) == ("done", 2, 2)
    assert "Không có học bạ nào chờ" in page(client, "sign", "form_teacher", year=2022)


def test_signing_asks_for_the_password_again() -> None:
    finished = finished_class(pupils=1)
    finished.built()
    client = browser(finished.form_teacher)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0}]
    session.save()
    response = client.post(reverse("transcripts:sign", args=["form_teacher"]), {"count": "1"})
    assert response.status_code == 302
    assert "reauthenticate" in response["Location"] or "xac-nhan" in response["Location"]
    assert not SigningBatch.objects.exists()


def test_a_batch_is_seen_by_its_signer_alone() -> None:
    finished = finished_class(pupils=1)
    (row,) = finished.built()
    batch = services.start_batch(
        actor=finished.form_teacher,
        school_id=finished.school.pk,
        year=2022,
        role="form_teacher",
        items=[services.Item(row.pk, row.pdf_sha256)],
        typed_count=1,
        previewed=[row.pk],
    )
    page(browser(finished.principal), "batch", batch.pk, status=404)
    page(browser(finished.form_teacher), "batch", batch.pk)


def test_the_page_of_a_transcript_shows_steps_and_versions() -> None:
    finished = finished_class(pupils=1)
    row = finished.sign(finished.built()[0], "form_teacher")
    text = page(browser(finished.principal), "transcript", row.pk)
    assert finished.enrolments[0].person.full_name in text
    assert "Bản 1" in text
    assert text.count("Chưa ký") == 2
    assert row.public_id in text


@pytest.mark.parametrize("kind", ["pdf", "json", "xml", "p7s"])
def test_downloads_are_checked_named_and_noted(kind: str) -> None:
    finished = finished_class(pupils=1)
    row = finished.seal(finished.built()[0])
    response = browser(finished.principal).get(reverse("transcripts:file", args=[row.pk, kind]))
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    note = Line.objects.get(action="transcripts.downloaded")
    assert (note.subject_id, note.after["form"]) == (row.pk, kind)


def test_nobody_of_another_school_sees_page_or_file() -> None:
    finished, other = finished_class(pupils=1), finished_class(pupils=1)
    row = finished.seal(finished.built()[0])
    for actor in (other.principal, other.clerk, other.form_teacher):
        client = browser(actor)
        for name, args in _addresses(row, finished):
            response = client.get(reverse(f"transcripts:{name}", args=args))
            assert response.status_code == 404, name
            assert finished.enrolments[0].person.full_name not in response.content.decode()
    assert not Line.objects.filter(action="transcripts.downloaded").exists()


def test_an_unknown_kind_of_file_is_not_found() -> None:
    finished = finished_class(pupils=1)
    (row,) = finished.built()
    client = browser(finished.principal)
    assert client.get(reverse("transcripts:file", args=[row.pk, "p7s"])).status_code == 404
    assert client.get(f"/hoc-ba/{row.pk}/tep/doc/").status_code == 404


def _addresses(row: Transcript, finished: FinishedClass) -> list[tuple[str, list[Any]]]:
    person = finished.enrolments[0].person_id
    return [
        ("transcript", [row.pk]),
        ("file", [row.pk, "pdf"]),
        ("file", [row.pk, "json"]),
        ("preview", ["principal", row.pk]),
        ("class", [finished.ready.school_class.pk]),
        ("book", [person]),
        ("book_zip", [person]),
        ("book_print", [person]),
    ]


def test_a_colleague_without_the_class_sees_no_transcript_of_it() -> None:
    finished = finished_class(pupils=1)
    (row,) = finished.built()
    other = finished.ready.actor(Role.SUBJECT_TEACHER)
    page(browser(other), "transcript", row.pk, status=404)
    page(browser(finished.form_teacher), "transcript", row.pk)


def test_a_family_sees_sealed_transcripts_of_its_child_alone() -> None:
    finished = finished_class(pupils=2)
    first, second = finished.built()
    mother = family(finished)
    assert "Chưa có năm học nào" in page(mother, "own")
    page(mother, "transcript", first.pk, status=404)
    finished.seal(first)
    finished.seal(second)
    assert "Năm học 2022-2023" in page(mother, "own")
    assert mother.get(reverse("transcripts:file", args=[first.pk, "pdf"])).status_code == 200
    assert mother.get(reverse("transcripts:file", args=[second.pk, "pdf"])).status_code == 404
    page(mother, "book", finished.enrolments[1].person_id, status=404)


def test_the_book_offers_signed_files_and_an_unsigned_print() -> None:
    finished = finished_class(pupils=1)
    row = finished.seal(finished.built()[0])
    client = browser(finished.principal)
    person = finished.enrolments[0].person_id
    archive = zipfile.ZipFile(io.BytesIO(client.get(reverse("transcripts:book_zip", args=[person])).content))
    contents = {name.rsplit(".", 1)[1]: archive.read(name) for name in archive.namelist()}
    assert set(contents) == {"pdf", "json", "xml", "p7s"}
    assert row.pdf is not None
    assert contents["pdf"] == read_checked(row.pdf)
    printed = client.get(reverse("transcripts:book_print", args=[person]))
    assert printed["Content-Type"] == "application/pdf"
    assert printed.content != contents["pdf"]
    from sen.shared.documents.fields import field_states, open_pdf

    assert field_states(open_pdf(printed.content)) == []
    assert attachments(printed.content) == {}


def test_the_whole_book_goes_along_with_the_pupil() -> None:
    before, now = finished_class(pupils=1), finished_class(pupils=1)
    person = before.enrolments[0].person
    before.seal(before.built()[0])
    page(browser(now.principal), "book", person.pk, status=404)
    Pupil.objects.filter(person=person).update(school=now.school)
    Person.objects.filter(pk=person.pk).update(school_ids=[before.school.pk, now.school.pk])
    Enrolment.objects.filter(person=person).update(status="transferred_out", ended_on="2023-05-31")
    assert "Năm học 2022-2023" in page(browser(now.principal), "book", person.pk)
    assert browser(now.principal).get(reverse("transcripts:book_zip", args=[person.pk])).status_code == 200
    assert "Năm học 2022-2023" in page(browser(before.principal), "book", person.pk)


def test_a_clerk_brings_a_test_seal_and_a_teacher_only_the_own_key() -> None:
    finished = finished_class(pupils=1, keys=False)
    clerk = browser(finished.clerk)
    assert clerk.post(reverse("transcripts:add_key", args=["dau", "thu-nghiem"])).status_code == 302
    teacher = browser(finished.form_teacher)
    assert teacher.post(reverse("transcripts:add_key", args=["toi", "thu-nghiem"])).status_code == 302
    teacher.post(reverse("transcripts:add_key", args=["dau", "thu-nghiem"]))
    assert set(SigningKey.objects.filter(removed_at=None).values_list("person_id", flat=True)) == {
        None,
        finished.form_teacher.person_id,
    }
    text = page(clerk, "keys")
    assert "THỬ NGHIỆM" in text
    assert "Con dấu của nhà trường" in text
    key = SigningKey.objects.get(person=None)
    assert teacher.post(reverse("transcripts:remove_key", args=[key.pk])).status_code == 403
    key.refresh_from_db()
    assert key.removed_at is None


def test_a_token_that_is_not_set_up_is_explained() -> None:
    finished = finished_class(pupils=1, keys=False)
    client = browser(finished.principal)
    url = reverse("transcripts:add_key", args=["toi", "thiet-bi"])
    text = client.post(url, {"token": "t", "label": "l"}, follow=True).content.decode()
    assert "chưa được cài đặt thiết bị ký số" in text
    assert not SigningKey.objects.exists()


def test_the_principal_sets_how_the_school_signs() -> None:
    finished = finished_class(pupils=1)
    client = browser(finished.principal)
    client.post(reverse("transcripts:policy"), {"subject_teachers_sign": "on"})
    (row,) = finished.built()
    assert row.steps.filter(role="subject_teacher").count() == 3
    assert browser(finished.clerk).post(reverse("transcripts:policy"), {}).status_code == 403


def test_a_rebuild_is_asked_for_by_post_of_the_head() -> None:
    finished = finished_class(pupils=1)
    (row,) = finished.built()
    url = reverse("transcripts:rebuild", args=[row.pk])
    assert browser(finished.principal).get(url).status_code == 405
    assert browser(finished.form_teacher).post(url).status_code == 403
    row.refresh_from_db()
    assert row.state == "built"
    browser(finished.principal).post(url)
    row.refresh_from_db()
    assert row.state == "queued"


def test_the_desk_lists_what_waits_for_the_signer() -> None:
    from datetime import date

    from sen.core.identity.desk import When
    from sen.school.transcripts import desk

    finished = finished_class(pupils=3)
    finished.built()
    when = When(2022, 2, date(2023, 6, 1))
    (item,) = desk.work(finished.form_teacher, when)
    assert (item.count, item.label) == (3, "học bạ của lớp chờ thầy/cô ký")
    assert list(desk.work(finished.principal, when)) == []
    for number in range(3):
        finished.sign(finished.transcript(number), "form_teacher")
    (item,) = desk.work(finished.principal, when)
    assert item.count == 3


def test_garbage_in_the_address_is_not_found_rather_than_an_error() -> None:
    finished = finished_class(pupils=1)
    client = browser(finished.principal)
    base = reverse("transcripts:sign", args=["form_teacher"])
    assert client.get(base, {"lop": "x"}).status_code == 404
    assert client.get(base, {"lop": str(UUID(int=1))}).status_code == 404
    assert client.get(base, {"year": "nham"}).status_code == 200
    assert client.get("/hoc-ba/ky/khong-co/").status_code == 404


def test_an_upload_through_the_verifier_needs_no_account() -> None:
    finished = finished_class(pupils=1)
    row = finished.seal(finished.built()[0])
    assert row.pdf is not None
    upload = SimpleUploadedFile("hoc-ba.pdf", read_checked(row.pdf), content_type="application/pdf")
    text = Client().post(reverse("transcripts:verify"), {"file": upload}).content.decode()
    assert "Học bạ thật, còn nguyên vẹn và đang có hiệu lực." in text
