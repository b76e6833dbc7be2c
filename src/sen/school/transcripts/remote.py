"""Providers of remote signing known to this installation. An adapter registers itself; none is built in."""

from django.utils.translation import gettext as _

from sen.shared.documents.remote import RemoteSigner
from sen.shared.kit.errors import RuleError

_providers: dict[str, RemoteSigner] = {}


def register(name: str, service: RemoteSigner) -> None:
    """Called by an adapter when it is set up."""
    _providers[name] = service


def forget(name: str) -> None:
    _providers.pop(name, None)


def names() -> list[str]:
    return sorted(_providers)


def provider(name: str) -> RemoteSigner:
    """Raises RuleError("transcripts.no_remote_provider")."""
    if name not in _providers:
        text = _("Máy chủ chưa kết nối với dịch vụ ký từ xa “{name}”.").format(name=name)
        raise RuleError("transcripts.no_remote_provider", text)
    return _providers[name]
