"""Whom we trust: root certificates by family, and what is known about certificates now.

Viet Nam has two roots (the national one for public certificates, the Government Cipher Committee's for official duty)
and certificates of one organisation's own (Decree 23/2025, Decree 68/2024). Which family a document must come from is
the caller's rule; this module only tells the family. Trust is a folder, so that it also works on a machine without
network: `folder/<family>/*.pem` (roots and intermediates), `*.crl` (revocation lists), `until.json` (historical roots).
"""

import asyncio
import json
from collections.abc import Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

from asn1crypto import crl, pem, x509
from django.utils.translation import gettext as _
from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors
from pyhanko_certvalidator.path import ValidationPath

from sen.shared.kit.errors import RuleError

FAMILIES = {
    "vgca": ("chứng thư chữ ký số chuyên dùng công vụ", "official-duty certificate"),
    "public": ("chứng thư chữ ký số công cộng", "public certificate"),
    "own": ("chứng thư chuyên dùng của cơ quan, tổ chức", "organisation's own certificate"),
    "test": ("chứng thư thử nghiệm", "test certificate"),
}
"""Family of a root -> its name in Vietnamese and in English."""

SMALLEST_RSA = 2048
CLOCK_DRIFT = timedelta(minutes=5)
"""How far two computers' clocks may differ: a list or a stamp "from the future" within this time is accepted."""

Use = Literal["sign", "stamp"]
"""What a certificate is used for: signing documents (non-repudiation), or time stamps."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Anchor:
    """A root certificate. `until`: a historical root; what is proved to be older is still trusted."""

    certificate: x509.Certificate
    family: str
    until: datetime | None = None


@dataclass(frozen=True)
class Trust:
    """Roots, known intermediate certificates and revocation lists."""

    anchors: tuple[Anchor, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()
    revocation_lists: tuple[crl.CertificateList, ...] = ()

    def anchor_of(self, root: x509.Certificate) -> Anchor | None:
        return next((anchor for anchor in self.anchors if anchor.certificate.sha256 == root.sha256), None)

    def only(self, *families: str) -> "Trust":
        """The same trust with the roots of these families alone."""
        kept = tuple(anchor for anchor in self.anchors if anchor.family in families)
        return Trust(kept, self.intermediates, self.revocation_lists)

    def context(self, at: datetime) -> ValidationContext:
        """pyHanko's form of this trust at one moment, never using the network."""
        return ValidationContext(
            trust_roots=[anchor.certificate for anchor in self.anchors],
            other_certs=list(self.intermediates),
            crls=list(self.revocation_lists),
            allow_fetching=False,
            moment=at,
            revocation_mode="require",
            time_tolerance=CLOCK_DRIFT,
        )


@dataclass(frozen=True)
class Evidence:
    """What proves that a certificate was good: the certificates above it and the lists that do not name it."""

    anchor: Anchor
    certificates: tuple[x509.Certificate, ...]
    revocation_lists: tuple[crl.CertificateList, ...] = field(repr=False)


def load(folder: Path) -> Trust:
    """Read `folder/<family>/`. Raises RuleError("documents.bad_trust") naming the file that cannot be read."""
    anchors: list[Anchor] = []
    intermediates: list[x509.Certificate] = []
    lists: list[crl.CertificateList] = []
    for family in sorted(path for path in folder.glob("*") if path.is_dir() and path.name in FAMILIES):
        until_file = family / "until.json"
        until = json.loads(until_file.read_text()) if until_file.exists() else {}
        for path in sorted(family.iterdir()):
            if path.suffix not in {".pem", ".crt", ".cer", ".crl"}:
                continue
            try:
                for data in _der_parts(path.read_bytes()):
                    if path.suffix == ".crl":
                        lists.append(_parsed(crl.CertificateList, data))
                    elif (certificate := _parsed(x509.Certificate, data)).self_issued:
                        end = datetime.fromisoformat(until[path.name]) if path.name in until else None
                        anchors.append(Anchor(certificate, family.name, end))
                    else:
                        intermediates.append(certificate)
            except (ValueError, TypeError) as error:
                text = _("Không đọc được tệp chứng thư {name}.").format(name=f"{family.name}/{path.name}")
                raise RuleError("documents.bad_trust", text) from error
    return Trust(tuple(anchors), tuple(intermediates), tuple(lists))


def from_der(
    roots: Iterable[bytes], *, family: str, intermediates: Iterable[bytes] = (), revocation_lists: Iterable[bytes] = ()
) -> Trust:
    """Trust made in memory from DER bytes."""
    return Trust(
        tuple(Anchor(x509.Certificate.load(data), family) for data in roots),
        tuple(x509.Certificate.load(data) for data in intermediates),
        tuple(crl.CertificateList.load(data) for data in revocation_lists),
    )


def examine(
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    trust: Trust,
    at: datetime,
    *,
    use: Use = "sign",
) -> Evidence:
    """Refuse a certificate that may not sign at `at`, else return the evidence to keep beside the signature.

    Raises RuleError: documents.certificate_expired, _not_yet_valid, _revoked, _weak, _wrong_use, _unknown_issuer,
    documents.revocation_unknown. The sentence names the holder.
    """
    holder = name_of(certificate)
    _refuse_outside_validity(certificate, holder, at)
    if certificate.public_key.algorithm == "rsa" and certificate.public_key.bit_size < SMALLEST_RSA:
        raise _refusal("weak", _("Khóa của chứng thư số “{holder}” quá yếu, không được dùng để ký."), holder)
    try:
        path = run(validated_path(certificate, chain, trust.context(at), use))
    except errors.RevokedError as error:
        when = error.revocation_dt.astimezone().strftime("%d/%m/%Y")
        text = _("Chứng thư số của “{holder}” đã bị thu hồi ngày {date}.").format(holder=holder, date=when)
        raise RuleError("documents.certificate_revoked", text) from error
    except errors.ExpiredError as error:
        text = _("Chứng thư của cơ quan cấp chứng thư cho “{holder}” đã hết hạn.")
        raise _refusal("expired", text, holder) from error
    except errors.InvalidCertificateError as error:
        text = _("Chứng thư số của “{holder}” không được cấp cho mục đích này.")
        raise _refusal("wrong_use", text, holder) from error
    except errors.PathBuildingError as error:
        text = _("Chứng thư số của “{holder}” không do tổ chức được tin cậy cấp.")
        raise _refusal("unknown_issuer", text, holder) from error
    except errors.ValidationError as error:
        text = _("Chưa biết chứng thư số của “{holder}” có bị thu hồi hay không. Vui lòng cập nhật danh sách thu hồi.")
        raise RuleError("documents.revocation_unknown", text.format(holder=holder)) from error
    anchor = trust.anchor_of(path.first)
    assert anchor is not None  # the path starts at one of our roots
    members = list(path)
    issuers = {member.subject.hashable for member in members}
    lists = [item for item in trust.revocation_lists if item.issuer.hashable in issuers and _is_current(item, at)]
    return Evidence(anchor, tuple(members[1:]), tuple(lists))


def name_of(certificate: x509.Certificate) -> str:
    """The holder's name as a person reads it."""
    parts = certificate.subject.native
    name = parts.get("common_name") or parts.get("organization_name") or certificate.subject.human_friendly
    return str(name if isinstance(name, str) else name[0])


def organisation_of(certificate: x509.Certificate) -> str:
    name = certificate.subject.native.get("organization_name", "")
    return str(name if isinstance(name, str) else name[0])


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Wait for pyHanko's asynchronous work, also when the caller itself runs inside an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def validated_path(
    certificate: x509.Certificate, chain: Sequence[x509.Certificate], context: ValidationContext, use: Use
) -> ValidationPath:
    """Check a certificate for its use, up to a trusted root. Raises pyHanko's own errors."""
    validator = CertificateValidator(certificate, intermediate_certs=list(chain), validation_context=context)
    if use == "stamp":
        path: ValidationPath = await validator.async_validate_usage(set(), {"time_stamping"})
    else:
        path = await validator.async_validate_usage({"non_repudiation"})
    return path


def _refuse_outside_validity(certificate: x509.Certificate, holder: str, at: datetime) -> None:
    if at > certificate.not_valid_after:
        when = certificate.not_valid_after.astimezone().strftime("%d/%m/%Y")
        text = _("Chứng thư số của “{holder}” đã hết hạn ngày {date}. Vui lòng gia hạn trước khi ký.")
        raise RuleError("documents.certificate_expired", text.format(holder=holder, date=when))
    if at < certificate.not_valid_before - CLOCK_DRIFT:
        when = certificate.not_valid_before.astimezone().strftime("%d/%m/%Y")
        text = _("Chứng thư số của “{holder}” chỉ có hiệu lực từ ngày {date}.")
        raise RuleError("documents.certificate_not_yet_valid", text.format(holder=holder, date=when))


def _refusal(what: str, text: str, holder: str) -> RuleError:
    return RuleError(f"documents.certificate_{what}", text.format(holder=holder))


def _is_current(item: crl.CertificateList, at: datetime) -> bool:
    body = item["tbs_cert_list"]
    end = body["next_update"].native
    return bool(body["this_update"].native <= at + CLOCK_DRIFT and (end is None or at <= end))


def _der_parts(data: bytes) -> list[bytes]:
    if not pem.detect(data):
        return [data]
    return [der for _name, _headers, der in pem.unarmor(data, multiple=True)]


def _parsed(kind: Any, data: bytes) -> Any:
    item = kind.load(data, strict=True)
    item.native  # noqa: B018 asn1crypto reads lazily; a broken file must be refused here, by its name
    return item


def utc(moment: datetime | None) -> datetime:
    """`moment` or now, in UTC."""
    return (moment or datetime.now(UTC)).astimezone(UTC)
