"""Dates of a year: set inside the frame, inherited from province to school."""

from datetime import date

import pytest

from sen.core.curriculum import queries, services
from sen.core.curriculum.models import ProgrammeSubject, SchoolYear, Week, YearDates
from sen.core.curriculum.rules import Dates
from sen.core.curriculum.tests.actors import of_school
from sen.core.identity.roles import Role
from sen.core.organisations.tests.factories import OrganisationFactory
from sen.shared.kit.errors import Invalid, NotAllowed

pytestmark = pytest.mark.django_db
DATES = Dates(date(2022, 9, 5), date(2023, 1, 13), date(2023, 1, 16), date(2023, 5, 25))


@pytest.fixture
def department():
    return OrganisationFactory(kind="department")


@pytest.fixture
def school(department):
    return OrganisationFactory(parent=OrganisationFactory(kind="office", parent=department))


def officer(department):
    return of_school(department, Role.DEPARTMENT_OFFICER)


def test_seven_years_and_both_programmes_are_on_file():
    assert [year.year for year in queries.years()] == [2026, 2025, 2024, 2023, 2022, 2021, 2020]
    assert set(ProgrammeSubject.objects.values_list("programme", flat=True)) >= {"2006", "2018", "gdtx-new", "gdtx-old"}


def test_a_school_follows_the_department_until_it_sets_its_own(department, school):
    services.set_year_dates(actor=officer(department), organisation=department, year=2022, dates=DATES, decision="1/QĐ")
    inherited = queries.dates_for(school.pk, 2022)
    assert (inherited.dates, inherited.set_by) == (DATES, department.pk)
    own = Dates(date(2022, 8, 29), *list(DATES.__dict__.values())[1:])
    services.set_year_dates(actor=of_school(school, Role.PRINCIPAL), organisation=school, year=2022, dates=own)
    assert queries.dates_for(school.pk, 2022).dates == own
    assert queries.dates_for(department.pk, 2022).dates == DATES


def test_without_any_dates_the_frame_holds(school):
    effective = queries.dates_for(school.pk, 2022)
    assert effective.set_by is None
    assert effective.dates == Dates(date(2022, 9, 5), date(2023, 1, 14), date(2023, 1, 16), date(2023, 5, 30))
    assert queries.dates_for(school.pk, 1999) is None


def test_weeks_are_kept_and_setting_dates_again_plans_them_anew(department, school):
    services.set_year_dates(actor=officer(department), organisation=department, year=2022, dates=DATES)
    services.set_year_dates(actor=officer(department), organisation=department, year=2022, dates=DATES)
    weeks = queries.weeks_for(school.pk, 2022)
    assert [week.number for week in weeks if week.number] == list(range(1, 36))
    assert queries.week_on(school.pk, 2022, date(2022, 9, 14)).number == 2
    assert YearDates.objects.filter(organisation=department).count() == 1


def test_a_week_made_free_moves_the_numbers_after_it(department):
    row = services.set_year_dates(actor=officer(department), organisation=department, year=2022, dates=DATES)
    week = row.weeks.order_by("starts_on")[1]
    services.set_week(actor=officer(department), week=week, kind=Week.Kind.HOLIDAY)
    numbers = list(row.weeks.order_by("starts_on").values_list("number", flat=True)[:3])
    assert numbers == [1, None, 2]


@pytest.mark.parametrize("role", [Role.SUBJECT_TEACHER, Role.CLERK, Role.OFFICE_OFFICER, Role.OPERATOR])
def test_others_do_not_set_dates(department, role):
    with pytest.raises(NotAllowed):
        services.set_year_dates(actor=of_school(department, role), organisation=department, year=2022, dates=DATES)
    assert not YearDates.objects.filter(organisation=department).exists()


def test_a_department_does_not_set_another_ones_dates(department):
    other = OrganisationFactory(kind="department")
    with pytest.raises(NotAllowed):
        services.set_year_dates(actor=officer(department), organisation=other, year=2022, dates=DATES)
    assert not YearDates.objects.filter(organisation=other).exists()


def test_dates_outside_the_frame_change_nothing(department):
    late = Dates(DATES.starts_on, DATES.term1_ends_on, DATES.term2_starts_on, date(2023, 6, 20))
    with pytest.raises(Invalid, match="31/05/2023"):
        services.set_year_dates(actor=officer(department), organisation=department, year=2022, dates=late)
    assert not YearDates.objects.filter(organisation=department).exists()
    assert SchoolYear.objects.get(year=2022).source.startswith("Quyết định 2159")
