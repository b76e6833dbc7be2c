"""The years of a pupil never mix: books are read, and stale classes computed, one school year at a time."""

import pytest

from sen.core.curriculum.models import SchoolClass
from sen.school.gradebook.models import StaleClass
from sen.school.gradebook.queries.books import gather
from sen.school.gradebook.services.fresh import freshen_stale_classes
from sen.school.gradebook.services.results import mark_stale

from .factories import ready_class

pytestmark = pytest.mark.django_db


@pytest.fixture
def rooms() -> list[SchoolClass]:
    """Two classes, the second moved to the year before."""
    made = [ready_class("tt22-2021", pupils=2).school_class, ready_class("tt22-2021", pupils=2).school_class]
    SchoolClass.objects.filter(pk=made[1].pk).update(year=made[0].year - 1)
    return list(SchoolClass.objects.filter(pk__in=[room.pk for room in made]))


def test_books_of_two_years_are_not_read_together(rooms: list[SchoolClass]) -> None:
    with pytest.raises(ValueError, match="one school year"):
        gather(rooms)


def test_stale_classes_of_two_years_are_all_computed(rooms: list[SchoolClass]) -> None:
    StaleClass.objects.all().delete()
    mark_stale(rooms)
    assert freshen_stale_classes() == 2
    assert not StaleClass.objects.exists()
