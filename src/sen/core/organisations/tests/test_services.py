"""Dated operations: what they change from their day on, what they leave as it was, and what they refuse."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from sen.core.organisations import queries, services
from sen.core.organisations.models import Change, Organisation, Span
from sen.core.organisations.services import NewSchool
from sen.core.organisations.tests.factories import OrganisationFactory
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

pytestmark = pytest.mark.django_db
DAY = date(2023, 8, 1)
BEFORE = DAY - timedelta(days=1)
PAPER = "123/QĐ-UBND"


@dataclass(frozen=True)
class Officer:
    """Holds the right at one authority."""

    place: UUID | None
    is_system: bool = False

    def holds(self, right, organisation_id=None):
        return organisation_id == self.place


@pytest.fixture
def province():
    """A department with an office and two schools under it, the first with a campus."""
    department = OrganisationFactory(kind="department", name="Sở GDĐT Thử nghiệm")
    office = OrganisationFactory(kind="office", name="Phòng GDĐT Thử nghiệm", parent=department)
    first = OrganisationFactory(name="Trường Tiểu học Sao Mai", parent=office, levels=["primary"])
    second = OrganisationFactory(name="Trường THCS Sao Mai", parent=office, levels=["lower_secondary"])
    campus = OrganisationFactory(kind="campus", name="Điểm trường Bản Cát", parent=first)
    return {"department": department, "office": office, "first": first, "second": second, "campus": campus}


@pytest.fixture
def officer(province):
    return Officer(province["department"].pk)


def spans(organisation):
    return list(organisation.spans.order_by("valid_from").values_list("name", "valid_from", "valid_to"))


def test_a_new_name_holds_from_its_day_and_the_old_one_before_it(province, officer):
    school = province["second"]
    services.rename(actor=officer, organisation=school, name="Trường THCS Bình Minh", day=DAY, decision=PAPER)
    assert queries.name_on(school.pk, BEFORE) == "Trường THCS Sao Mai"
    assert queries.name_on(school.pk, DAY) == "Trường THCS Bình Minh"
    assert school.pk in {span.organisation_id for span in queries.search("thcs binh minh", DAY)}
    assert school.pk not in {span.organisation_id for span in queries.search("thcs binh minh", BEFORE)}
    change = Change.objects.get(sources=school)
    assert (change.kind, change.effective_on, change.decision) == ("rename", DAY, PAPER)


def test_a_moved_school_hangs_under_the_office_before_and_under_the_department_after(province, officer):
    school, department = province["second"], province["department"]
    services.move(actor=officer, organisation=school, parent=department, day=DAY, decision=PAPER)
    assert [node.name for node in queries.path(school.pk, BEFORE)][1] == "Phòng GDĐT Thử nghiệm"
    assert [node.name for node in queries.path(school.pk, DAY)] == ["Sở GDĐT Thử nghiệm", "Trường THCS Sao Mai"]
    assert school.pk not in queries.schools_under(province["office"].pk, DAY)
    assert school.pk in queries.schools_under(province["office"].pk, BEFORE)


def test_a_merged_school_ends_its_campus_moves_and_its_site_goes_on_as_a_campus(province, officer):
    first, second = province["first"], province["second"]
    result = services.merge(
        actor=officer, sources=[first], into=second, new_name="Trường TH&THCS Sao Mai", day=DAY, decision=PAPER
    )
    assert result == second
    assert queries.span_on(first.pk, DAY) is None
    assert queries.name_on(second.pk, DAY) == "Trường TH&THCS Sao Mai"
    sites = [span.name for span in queries.campuses(second.pk, DAY)]
    assert sorted(sites) == ["Trường Tiểu học Sao Mai", "Điểm trường Bản Cát"]
    result.refresh_from_db()
    assert result.levels == ["primary", "lower_secondary"]
    assert [span.name for span in queries.campuses(first.pk, BEFORE)] == ["Điểm trường Bản Cát"]
    assert set(Change.objects.get(results=second).sources.all()) == {first, second}


def test_a_merger_may_found_a_new_school(province, officer):
    new = NewSchool("9902000001", "Trường TH&THCS Hòa Bình")
    result = services.merge(
        actor=officer,
        sources=[province["first"], province["second"]],
        new=new,
        day=DAY,
        decision=PAPER,
        keep_sites=False,
    )
    assert result.levels == ["primary", "lower_secondary"]
    assert queries.schools_under(province["office"].pk, DAY) == {result.pk}
    assert queries.schools_under(province["office"].pk, BEFORE) == {province["first"].pk, province["second"].pk}


def test_merged_departments_take_their_offices_along(province):
    ministry = OrganisationFactory(kind="ministry")
    one, two = (OrganisationFactory(kind="department", parent=ministry) for _ in range(2))
    office = OrganisationFactory(kind="office", parent=two)
    school = OrganisationFactory(parent=office)
    services.merge(actor=Officer(ministry.pk), sources=[two], into=one, day=DAY, decision=PAPER)
    assert school.pk in queries.schools_under(one.pk, DAY)
    assert school.pk not in queries.schools_under(one.pk, BEFORE)


def test_a_split_founds_a_school_beside_the_old_one_and_sends_campuses(province, officer):
    new = NewSchool("9902000002", "Trường Tiểu học Bản Cát")
    [made] = services.split(
        actor=officer, organisation=province["first"], parts=[new], day=DAY, decision=PAPER,
        campuses_to={province["campus"].pk: new.code},
    )  # fmt: skip
    assert made.levels == ["primary"]
    assert queries.span_on(made.pk, DAY).parent_id == province["office"].pk
    assert queries.span_on(province["campus"].pk, DAY).parent_id == made.pk
    assert queries.span_on(province["first"].pk, DAY) is not None


def test_a_closed_school_ends_with_its_campuses(province, officer):
    services.close(actor=officer, organisation=province["first"], day=DAY, decision=PAPER)
    assert queries.span_on(province["first"].pk, BEFORE) is not None
    assert queries.span_on(province["first"].pk, DAY) is None
    assert queries.span_on(province["campus"].pk, DAY) is None


def test_a_campus_gets_the_next_number_of_its_school(province, officer):
    made = [
        services.add_campus(actor=officer, school=province["second"], name=f"Điểm {n}", day=DAY, decision=PAPER)
        for n in (1, 2)
    ]
    assert [campus.code for campus in made] == [f"{province['second'].code}-01", f"{province['second'].code}-02"]


def test_a_school_is_established_under_an_office_in_its_district(province, officer):
    new = NewSchool("9902000003", "  Trường   Mầm non Hoa Sen ", ("preschool",))
    made = services.establish(actor=officer, kind="school", parent=province["office"], new=new, day=DAY, decision=PAPER)
    assert queries.name_on(made.pk, DAY) == "Trường Mầm non Hoa Sen"
    assert queries.span_on(made.pk, BEFORE) is None


# Refusals: the error, and that nothing changed


def operations(province):
    """Every operation with good arguments; tests spoil one of them."""
    school, office = province["second"], province["office"]
    return {
        services.rename: {"organisation": school, "name": "Tên khác"},
        services.move: {"organisation": school, "parent": province["department"]},
        services.close: {"organisation": school},
        services.merge: {"sources": [school], "into": province["first"]},
        services.split: {"organisation": school, "parts": [NewSchool("9902000004", "Trường mới")]},
        services.add_campus: {"school": school, "name": "Điểm trường mới"},
        services.establish: {"kind": "school", "parent": office, "new": NewSchool("9902000005", "Trường mới")},
    }


@pytest.fixture
def nothing_changes(province):
    def rows():
        return (
            list(Span.objects.order_by("pk").values_list("pk", "name", "parent", "valid_from", "valid_to")),
            Organisation.objects.count(),
            Change.objects.count(),
        )

    before = rows()
    yield
    assert rows() == before


@pytest.mark.parametrize("number", range(7))
@pytest.mark.parametrize("who", ["stranger", "operator", "neighbour"])
def test_nobody_changes_the_tree_outside_the_own_area(province, number, who, nothing_changes):
    # Even a right held at another place, nowhere, or at a school beside it reaches nothing here.
    place = {"stranger": uuid4(), "operator": None, "neighbour": province["first"].pk}
    operation, arguments = list(operations(province).items())[number]
    if operation is services.merge and who == "neighbour":
        arguments = {**arguments, "sources": [province["second"]]}
    with pytest.raises(NotAllowed):
        operation(actor=Officer(place[who]), day=DAY, decision=PAPER, **arguments)


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("day", [date(2000, 1, 1), date(1999, 1, 1)])
def test_a_change_must_come_after_the_beginning(province, number, day, nothing_changes):
    operation, arguments = list(operations(province).items())[number]
    with pytest.raises(RuleError) as refused:
        operation(actor=Officer(None, is_system=True), day=day, decision=PAPER, **arguments)
    # In 1999 not even the authority stands that a school would move to.
    parent_missing = operation is services.move and day.year == 1999
    assert refused.value.code == ("organisations.closed" if parent_missing else "organisations.before_start")


def test_a_closed_school_takes_no_further_change(province, officer):
    services.close(actor=officer, organisation=province["second"], day=DAY, decision=PAPER)
    for operation in list(operations(province))[:5]:
        with pytest.raises((RuleError, NotAllowed)) as refused:
            operation(actor=Officer(None, is_system=True), day=DAY, decision=PAPER, **operations(province)[operation])
        assert refused.value.code == "organisations.closed"
    assert spans(province["second"]) == [("Trường THCS Sao Mai", date(2000, 1, 1), DAY)]
    assert Change.objects.filter(sources=province["second"]).count() == 1


def test_two_changes_do_not_overlap(province, officer):
    services.rename(actor=officer, organisation=province["second"], name="Tên thứ hai", day=DAY, decision=PAPER)
    with pytest.raises(RuleError) as refused:
        services.rename(actor=officer, organisation=province["second"], name="Tên thứ ba", day=BEFORE, decision=PAPER)
    assert refused.value.code == "organisations.overlap"
    assert [name for name, _, _ in spans(province["second"])] == ["Trường THCS Sao Mai", "Tên thứ hai"]


def test_an_office_with_schools_cannot_close(province, officer, nothing_changes):
    with pytest.raises(RuleError, match="2 đơn vị trực thuộc"):
        services.close(actor=officer, organisation=province["office"], day=DAY, decision=PAPER)


def test_nothing_hangs_under_itself_or_at_a_wrong_height(province, officer, nothing_changes):
    with pytest.raises(Invalid):
        services.move(
            actor=officer, organisation=province["office"], parent=province["office"], day=DAY, decision=PAPER
        )
    with pytest.raises(Invalid):
        services.move(actor=officer, organisation=province["first"], parent=province["second"], day=DAY, decision=PAPER)


@pytest.mark.parametrize("number", range(7))
def test_every_change_needs_a_decision(province, officer, number, nothing_changes):
    operation, arguments = list(operations(province).items())[number]
    with pytest.raises(Invalid) as refused:
        operation(actor=officer, day=DAY, decision="  ", **arguments)
    assert refused.value.place == "decision"


def test_a_code_is_given_once(province, officer, nothing_changes):
    with pytest.raises(Invalid) as refused:
        services.establish(
            actor=officer, kind="school", parent=province["office"],
            new=NewSchool(province["first"].code, "Trường khác"), day=DAY, decision=PAPER,
        )  # fmt: skip
    assert refused.value.place == "code"


def test_schools_do_not_merge_with_offices(province, nothing_changes):
    with pytest.raises(Invalid):
        services.merge(
            actor=Officer(None, is_system=True),
            sources=[province["office"]],
            into=province["first"],
            day=DAY,
            decision=PAPER,
        )
