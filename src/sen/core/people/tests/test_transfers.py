import threading
from datetime import date

import pytest
from django.db import connection, connections

from config import environment
from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import GrantFactory, actor
from sen.core.people import events, queries, services
from sen.core.people.models import Enrolment, Person, Pupil, Transfer
from sen.core.people.tests.factories import EnrolmentFactory, GuardianshipFactory, SchoolFactory
from sen.shared.audit.models import Line
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError
from sen.shared.messaging.models import Notice


@pytest.fixture
def move(db):
    """A pupil with a mother, two schools and their clerks."""

    class Move:
        sending, receiving = SchoolFactory(), SchoolFactory()
        enrolment = EnrolmentFactory(school=sending, profile={"is_boarder": True})
        person = enrolment.person
        mother = GuardianshipFactory(pupil=person)
        here, there = actor(Role.CLERK, sending), actor(Role.CLERK, receiving)

        def request(self):
            return services.request_transfer(
                actor=self.here,
                enrolment=self.enrolment,
                receiving_school=self.receiving,
                reason="Theo cha mẹ",
                effective_on=date(2023, 1, 16),
            )

    return Move()


def test_with_both_consents_the_record_goes_along(move):
    heard = []
    events.pupil_transferred.connect(
        lambda transfer_id, **_: heard.append(transfer_id), weak=False, dispatch_uid="test"
    )
    transfer = move.request()
    services.release_transfer(actor=move.here, transfer=transfer)
    services.accept_transfer(actor=move.there, transfer=transfer)
    events.pupil_transferred.disconnect(dispatch_uid="test")

    transfer.refresh_from_db()
    old, new = Enrolment.objects.filter(person=move.person).order_by("started_on")
    assert (old.status, old.ended_on, old.profile["status_code"]) == ("transferred_out", date(2023, 1, 16), "08")
    assert (new.school, new.year, new.grade, new.entry) == (move.receiving, 2022, "6", "transferred_in")
    assert new.profile == {"is_boarder": True, "status_code": "06", "status_date": "2023-01-16"}
    assert (transfer.state, transfer.new_enrolment, transfer.effective_on) == ("accepted", new, date(2023, 1, 16))
    pupil = Pupil.objects.get(person=move.person)
    assert (pupil.school, pupil.local_code) == (move.receiving, "")
    for person in (move.person, move.mother.adult):
        person.refresh_from_db()
        assert set(person.school_ids) == {move.sending.pk, move.receiving.pk}
    assert heard == [transfer.pk]


def test_the_sending_school_keeps_reading_its_own_years_only(move):
    transfer = move.request()
    services.release_transfer(actor=move.here, transfer=transfer)
    services.accept_transfer(actor=move.there, transfer=transfer)
    with scope.use(move.here.scope()):
        assert list(Enrolment.objects.filter(person=move.person).values_list("school", flat=True)) == [move.sending.pk]
        with pytest.raises(NotAllowed):
            services.update_pupil(actor=move.here, person=move.person, values={"full_name": "Khác"})
    with scope.use(move.there.scope()):
        assert list(Enrolment.objects.filter(person=move.person).values_list("school", flat=True)) == [
            move.receiving.pk
        ]


def test_before_the_acceptance_the_receiving_school_reads_nothing_of_the_file(move):
    transfer = move.request()
    with scope.use(move.there.scope()):
        assert not Person.objects.filter(pk=move.person.pk).exists()
        assert not Enrolment.objects.filter(person=move.person).exists()
        (seen,) = queries.transfers(move.there)
        assert (seen.transfer, seen.name, seen.birth_date) == (transfer, move.person.full_name, move.person.birth_date)
    stranger = actor(Role.CLERK, SchoolFactory())
    with scope.use(stranger.scope()):
        assert queries.transfers(stranger) == []
        assert not Transfer.objects.exists()


def test_the_flow_works_within_the_walls_of_each_clerk(move):
    with scope.use(move.here.scope()):
        transfer = move.request()
    with scope.use(move.here.scope()):
        services.release_transfer(actor=move.here, transfer=transfer)
    with scope.use(move.there.scope()):
        services.accept_transfer(actor=move.there, transfer=transfer)
        assert Person.objects.get(pk=move.person.pk).pupil.school_id == move.receiving.pk


def test_nobody_accepts_what_the_other_side_has_not_released(move):
    transfer = move.request()
    with pytest.raises(RuleError) as refused:
        services.accept_transfer(actor=move.there, transfer=transfer)
    assert refused.value.code == "people.not_released"
    transfer.refresh_from_db()
    assert transfer.state == "requested"
    assert Enrolment.objects.filter(person=move.person).count() == 1


@pytest.mark.parametrize("act", ["release", "accept", "refuse", "cancel"])
def test_strangers_and_teachers_decide_nothing(move, act):
    transfer = move.request()
    does = {
        "release": lambda who: services.release_transfer(actor=who, transfer=transfer),
        "accept": lambda who: services.accept_transfer(actor=who, transfer=transfer),
        "refuse": lambda who: services.refuse_transfer(actor=who, transfer=transfer, note="Không"),
        "cancel": lambda who: services.cancel_transfer(actor=who, transfer=transfer),
    }[act]
    wrong_side = {"release": move.there, "accept": move.here, "cancel": move.there}.get(act)
    for who in filter(None, (actor(Role.CLERK, SchoolFactory()), actor(Role.FORM_TEACHER, move.sending), wrong_side)):
        with pytest.raises(NotAllowed):
            does(who)
    transfer.refresh_from_db()
    assert transfer.state == "requested"


def test_the_receiving_school_asks_with_code_and_birth_date(move):
    code, born = move.person.pupil.code, move.person.birth_date
    asked = {"actor": move.there, "receiving_school": move.receiving, "year": 2022, "reason": "Gia đình chuyển nhà"}
    with scope.use(move.there.scope()):
        with pytest.raises(RuleError):
            services.ask_for_pupil(**asked, code=code, birth_date=date(2000, 1, 1))
        with pytest.raises(RuleError):
            services.ask_for_pupil(**asked, code="", birth_date=born)
        assert not Transfer.objects.exists()
        transfer = services.ask_for_pupil(**asked, code=move.person.personal_id, birth_date=born)
    assert (transfer.sending_school, transfer.requested_by_school) == (move.sending, move.receiving)
    services.cancel_transfer(actor=move.there, transfer=transfer)
    transfer.refresh_from_db()
    assert transfer.state == "cancelled"


def test_a_pupil_has_one_open_transfer(move):
    first = move.request()
    with pytest.raises(RuleError) as refused:
        move.request()
    assert refused.value.code == "people.transfer_open"
    services.refuse_transfer(actor=move.there, transfer=first, note="Hết chỗ")
    first.refresh_from_db()
    assert (first.state, first.decided_note) == ("refused", "Hết chỗ")
    assert move.request().state == "requested"


def test_refusing_needs_a_reason_and_a_closed_request_stays_closed(move):
    transfer = move.request()
    with pytest.raises(Invalid):
        services.refuse_transfer(actor=move.there, transfer=transfer, note=" ")
    services.cancel_transfer(actor=move.here, transfer=transfer)
    with pytest.raises(RuleError):
        services.release_transfer(actor=move.here, transfer=transfer)
    transfer.refresh_from_db()
    assert transfer.state == "cancelled"


@pytest.mark.parametrize("wrong", ["same", "grade", "left", "reason"])
def test_requests_that_make_no_sense_are_refused(move, wrong):
    receiving = {"same": move.sending, "grade": SchoolFactory(levels=["primary"])}.get(wrong, move.receiving)
    if wrong == "left":
        services.withdraw(actor=move.here, enrolment=move.enrolment, on=date(2022, 10, 1), reason_code="01")
    with pytest.raises(RuleError):
        services.request_transfer(
            actor=move.here,
            enrolment=move.enrolment,
            receiving_school=receiving,
            reason="" if wrong == "reason" else "Theo cha mẹ",
        )
    assert not Transfer.objects.exists()


def test_a_pupil_on_the_way_is_not_sent_away(move):
    move.request()
    with pytest.raises(RuleError) as refused:
        services.withdraw(actor=move.here, enrolment=move.enrolment, on=date(2022, 10, 1), reason_code="01")
    assert refused.value.code == "people.transfer_open"
    move.enrolment.refresh_from_db()
    assert move.enrolment.status == "studying"


def test_coming_back_within_the_year_continues_the_row_of_the_school(move):
    out = move.request()
    services.release_transfer(actor=move.here, transfer=out)
    services.accept_transfer(actor=move.there, transfer=out)
    new = Enrolment.objects.get(person=move.person, school=move.receiving)
    back = services.request_transfer(
        actor=move.there, enrolment=new, receiving_school=move.sending, reason="Về quê", effective_on=date(2023, 3, 1)
    )
    services.release_transfer(actor=move.there, transfer=back)
    services.accept_transfer(actor=move.here, transfer=back)
    move.enrolment.refresh_from_db()
    assert (move.enrolment.status, move.enrolment.ended_on) == ("studying", None)
    assert Enrolment.objects.filter(person=move.person).count() == 2
    assert Pupil.objects.get(person=move.person).school == move.sending


def test_both_schools_find_the_move_in_their_history_and_the_other_side_is_told(move):
    head = GrantFactory(role=Role.PRINCIPAL, organisation=move.receiving)
    transfer = move.request()
    services.release_transfer(actor=move.here, transfer=transfer)
    noted = Line.objects.filter(subject_id=transfer.pk, op="N")
    assert {line.organisation_id for line in noted} == {move.sending.pk, move.receiving.pk}
    notice = Notice.objects.get(account_id=head.account_id)
    assert move.person.full_name not in notice.title
    assert queries.waiting_transfers(move.receiving.pk) == 1


def test_two_acceptances_at_once_move_the_pupil_once(own_database, django_db_blocker):
    """Two clerks of the receiving school press the button together: one move, one new enrolment."""
    before = dict(connections.settings["default"])
    connections.settings["default"].update(environment.database(own_database.application))
    found: list[object] = []

    def as_thread(work):
        def run():
            try:
                with scope.use(scope.whole_system("test")):
                    found.append(work())
            except RuleError as error:
                found.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def prepare():
        sending, receiving = SchoolFactory(), SchoolFactory()
        transfer = services.request_transfer(
            actor=actor(Role.CLERK, sending),
            enrolment=EnrolmentFactory(school=sending),
            receiving_school=receiving,
            reason="Theo cha mẹ",
        )
        services.release_transfer(actor=actor(Role.CLERK, sending), transfer=transfer)
        return transfer, [actor(Role.CLERK, receiving) for _ in range(2)]

    with django_db_blocker.unblock():
        try:
            as_thread(prepare).join()
            transfer, clerks = found.pop()
            threads = [
                as_thread(lambda c=clerk: services.accept_transfer(actor=c, transfer=transfer)) for clerk in clerks
            ]
            for thread in threads:
                thread.join()
            assert [type(one) for one in found] == [Transfer, Transfer]
            found.clear()
            as_thread(
                lambda: list(Enrolment.objects.filter(person=transfer.person_id).values_list("status", flat=True))
            ).join()
            assert sorted(found.pop()) == ["studying", "transferred_out"]
        finally:
            connections.settings["default"].clear()
            connections.settings["default"].update(before)
