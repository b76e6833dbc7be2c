from collections.abc import Iterator
from datetime import timedelta

import pytest

from .factories import World, make_world
from .token import TokenBox, make_token


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three hours ago; certificates are good for two years."""
    return make_world(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def old_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three years ago; people's certificates have expired a year ago."""
    return make_world(tmp_path_factory.mktemp("old-ca"), age=timedelta(days=1095))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Another authority, which nobody trusts."""
    return make_world(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="session")
def complete(world: World) -> bytes:
    """Signed by teacher, principal and seal, long-term form."""
    return world.sign_all()


@pytest.fixture(scope="session")
def token(world: World) -> Iterator[TokenBox]:
    yield make_token(world)
