"""Tests of this package see its own desk: what the packages above put on it is theirs to test."""

from collections.abc import Iterator

import pytest

from sen.core.identity import actor, desk, links


@pytest.fixture(autouse=True)
def own_desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("_entries", "_work", "_search", "_years"):
        own = [one for one in getattr(desk, name) if one.__module__ == "sen.core.identity.entries"]
        monkeypatch.setattr(desk, name, own)
    monkeypatch.setattr(actor, "_family_finders", [])
    monkeypatch.setattr(links, "_rosters", [])
    monkeypatch.setattr(links, "_form_class_checkers", [])
    yield
