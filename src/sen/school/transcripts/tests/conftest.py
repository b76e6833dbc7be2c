import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from sen.school.transcripts import setup

# The demo authority has no online lists; pyHanko says so at every signature.
logging.getLogger("pyhanko").setLevel(logging.ERROR)


@pytest.fixture(scope="session")
def authority_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One demo authority, trust folder and key folder for the whole run."""
    return tmp_path_factory.mktemp("transcripts")


@pytest.fixture(autouse=True)
def own_machine(authority_folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine of our own: its data folder, no token, no real time-stamp authority."""
    settings.DATA = authority_folder
    for name in ("SEN_TSA_URL", "SEN_TRUST", "SEN_PKCS11_MODULE", "SEN_PKCS11_PIN_FILE", "SEN_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    yield


@pytest.fixture
def revoke() -> Iterator[Any]:
    """Revoke a certificate by its serial, and take it back afterwards."""
    authority = setup.demo_authority()
    before = dict(authority._revoked)

    def act(certificate: Any) -> None:
        authority.revoke(certificate)
        setup.publish_demo_lists(now=True)

    yield act
    authority._revoked = before
    setup.publish_demo_lists(now=True)


@pytest.fixture
def stored() -> Any:
    return default_storage


@pytest.fixture
def committed(own_database: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database of its own whose transactions really commit, for what happens at once in several connections."""
    from django.conf import settings as project
    from django.db import connections

    from config import environment

    before = dict(project.DATABASES["default"])
    project.DATABASES["default"].update(environment.database(own_database.application))
    with django_db_blocker.unblock():
        connections["default"].close()
        connections["default"].settings_dict.update(project.DATABASES["default"])
        try:
            yield
        finally:
            connections["default"].close()
            project.DATABASES["default"].update(before)
            connections["default"].settings_dict.update(before)
