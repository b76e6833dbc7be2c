"""What signing needs of this machine: trust folder, time stamps, keys, address of the verifier.

Read from the environment: SEN_PUBLIC_URL (address people type), SEN_TRUST (folder, default `trust` in the data folder),
SEN_TSA_URL (time-stamp authority), SEN_PKCS11_MODULE (library of the token), SEN_PKCS11_PIN_FILE (lines "token=pin").
Without SEN_TSA_URL the demo authority of this machine stamps: everything is then marked THỬ NGHIỆM.
"""

import os
import time
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from sen.shared.documents import trust
from sen.shared.documents.pki import DemoAuthority
from sen.shared.documents.tsa import DemoTimeStamper, TimeStamping, http_timestamper
from sen.shared.kit.errors import RuleError

LIST_LIFE = 24 * 3600
"""Seconds after which the demo authority publishes its revocation lists anew."""

KINDS = (".pem", ".crt", ".cer", ".crl", ".json")


def data_folder() -> Path:
    return Path(settings.DATA)


def public_url(path: str) -> str:
    return os.environ.get("SEN_PUBLIC_URL", "http://localhost:8000").rstrip("/") + path


def is_test() -> bool:
    """Whether this machine signs with demo certificates and stamps."""
    return not os.environ.get("SEN_TSA_URL", "").strip()


def trust_folder() -> Path:
    return Path(os.environ.get("SEN_TRUST", "").strip() or data_folder() / "trust")


def demo_authority() -> DemoAuthority:
    """The demo authority of this machine, made when first asked for. Its roots go into the trust folder as "test"."""
    return _demo_authority(data_folder() / "demo-authority")


@lru_cache(maxsize=4)
def _demo_authority(folder: Path) -> DemoAuthority:
    return DemoAuthority(folder)


def publish_demo_lists(*, now: bool = False) -> None:
    """Write root, issuing CA and fresh revocation lists of the demo authority when the old ones age (or at once)."""
    path = trust_folder() / "test" / "issuing.crl"
    if now or not path.exists() or time.time() - path.stat().st_mtime > LIST_LIFE:
        demo_authority().write_trust(trust_folder())


def current_trust() -> trust.Trust:
    """The trust folder as it is now; read again only when a file in it changed."""
    if is_test():
        publish_demo_lists()
    folder = trust_folder()
    files = [path for path in folder.glob("*/*") if path.suffix in KINDS] if folder.exists() else []
    stamp = tuple(sorted((str(path), path.stat().st_mtime_ns) for path in files))
    return _trust(folder, stamp)


@lru_cache(maxsize=4)
def _trust(folder: Path, stamp: tuple[tuple[str, int], ...]) -> trust.Trust:
    return trust.load(folder)


def timestamper() -> TimeStamping:
    """The time-stamp authority: SEN_TSA_URL, else the demo one in this process."""
    url = os.environ.get("SEN_TSA_URL", "").strip()
    return http_timestamper(url) if url else DemoTimeStamper(demo_authority().tsa)


def key_folder() -> Path:
    return data_folder() / "keys"


def passphrase(location: str) -> str:
    """Of a test key file. Derived from the server's secret, so that no passphrase lies beside its key."""
    return salted_hmac("sen.transcripts.key", location, algorithm="sha256").hexdigest()


def token_module() -> Path:
    """Raises RuleError("transcripts.no_token_module") when the server is not set up for tokens."""
    module = os.environ.get("SEN_PKCS11_MODULE", "").strip()
    if not module or not Path(module).exists():
        text = _("Máy chủ chưa được cài đặt thiết bị ký số (SEN_PKCS11_MODULE). Vui lòng liên hệ quản trị hệ thống.")
        raise RuleError("transcripts.no_token_module", text)
    return Path(module)


def token_pin(token: str) -> str:
    """The PIN of a token from the PIN file. Raises RuleError("transcripts.no_pin")."""
    path = Path(os.environ.get("SEN_PKCS11_PIN_FILE", "").strip() or "/nonexistent")
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    pins = dict(line.split("=", 1) for line in lines if "=" in line)
    if token not in pins:
        text = _("Chưa có mã PIN cho thiết bị ký số “{token}” trên máy chủ (SEN_PKCS11_PIN_FILE).").format(token=token)
        raise RuleError("transcripts.no_pin", text)
    return pins[token].strip()
