"""A small world of demo certificates: one authority, a few people, a seal, and files to sign."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import keys
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from sen.shared.documents import fields, pdf, pki, signers, signing, tsa
from sen.shared.documents.trust import Trust, from_der

SCHOOL = "Trường THCS Hoa Sen"
SAMPLE = Path(pdf.__file__).parent / "templates" / "sample.typ"
SMALL = Path(__file__).parent / "data" / "small.typ"
ISSUED = datetime(2023, 5, 31, 8, 0, tzinfo=UTC)
RECORD = b'{"ho_ten":"Nguy\xe1\xbb\x85n Th\xe1\xbb\x8b M\xe1\xba\xabu"}'
STEPS = (
    fields.Field("form_teacher", "Giáo viên chủ nhiệm"),
    fields.Field("principal", "Hiệu trưởng"),
    fields.Field("seal", "Con dấu của trường"),
)


def sample_data(**changes: Any) -> dict[str, Any]:
    data = {
        "title": "Giấy xác nhận kết quả học tập",
        "about": "Năm học 2022-2023",
        "superior": "Sở Giáo dục và Đào tạo",
        "agency": SCHOOL,
        "number": "15/GXN",
        "place": "Hoa Sen",
        "date": "ngày 31 tháng 5 năm 2023",
        "opening": "Xác nhận em Nguyễn Thị Mẫu có kết quả học tập như sau:",
        "rows": [{"subject": "Ngữ văn", "result": "8,5", "note": ""}],
        "closing": "Giấy này có giá trị từ ngày ký.",
        "signatures": [
            {"name": "form_teacher", "title": "Giáo viên chủ nhiệm", "holder": "Trần Thị Mẫu"},
            {"name": "principal", "title": "Hiệu trưởng", "holder": "Lê Văn Thử"},
        ],
    }
    return data | changes


@lru_cache(maxsize=1)
def sample() -> bytes:
    """The sample form with all its parts, unsigned."""
    record = pdf.Attachment("ban-ghi.json", RECORD)
    mark = pdf.Mark("0190f3c2", "9f86d081884c7d65" * 4, "https://sen.example/k/0190f3c2", is_test=True)
    return pdf.render_pdf(SAMPLE, sample_data(), mark=mark, attachments=[record], issued_at=ISSUED)


@lru_cache(maxsize=1)
def unsigned() -> bytes:
    """A small document without signature fields."""
    record = pdf.Attachment("ban-ghi.json", RECORD)
    return pdf.render_pdf(SMALL, {}, attachments=[record], issued_at=ISSUED)


@lru_cache(maxsize=1)
def prepared() -> bytes:
    """The same with its three fields."""
    return fields.prepare_fields(unsigned(), STEPS)


@dataclass
class World:
    authority: pki.DemoAuthority
    moment: datetime
    teacher: pki.Identity
    principal: pki.Identity
    seal: pki.Identity

    def clock(self) -> datetime:
        return self.moment

    @property
    def stamper(self) -> tsa.DemoTimeStamper:
        return tsa.DemoTimeStamper(self.authority.tsa, clock=self.clock)

    def trust(self, at: datetime | None = None, *, family: str = "test") -> Trust:
        """Roots with the revocation lists published at `at`."""
        return self._trust(self.authority.revocation_lists(at or self.moment), family)

    def trust_without_lists(self) -> Trust:
        """What somebody has who holds only the roots."""
        return self._trust([], "test")

    def sign(self, document: bytes, who: pki.Identity, field: str, level: signing.Level = "B-B", **more: Any) -> bytes:
        stamper = None if level == "B-B" else self.stamper
        return signing.sign(
            document,
            signer=signers.KeySigner.of(who),
            field=field,
            trust=more.pop("trust", None) or self.trust(),
            timestamper=more.pop("timestamper", stamper),
            level=level,
            clock=more.pop("clock", self.clock),
            **more,
        )

    def sign_all(
        self, document: bytes | None = None, level: signing.Level = "B-T", last: signing.Level = "B-LTA"
    ) -> bytes:
        """Teacher, principal and seal, the seal bringing the long-term form."""
        signed = self.sign(document or prepared(), self.teacher, "form_teacher", level, reason="Xác nhận")
        signed = self.sign(signed, self.principal, "principal", level, reason="Phê duyệt")
        return self.sign(signed, self.seal, "seal", last)

    def _trust(self, lists: list[bytes], family: str) -> Trust:
        return from_der(
            [self.authority.root.der.dump()],
            family=family,
            intermediates=[self.authority.issuing.der.dump()],
            revocation_lists=lists,
        )


def make_world(folder: Path, *, age: timedelta = timedelta(hours=3), life: timedelta = timedelta(days=730)) -> World:
    """A world as it was `age` ago; people's certificates live for `life` from then."""
    moment = datetime.now(UTC).replace(microsecond=0) - age
    authority = pki.DemoAuthority(folder, clock=lambda: moment)
    valid = (moment - timedelta(days=1), moment + life)
    return World(
        authority,
        moment,
        authority.issue_person("Trần Thị Mẫu", organisation=SCHOOL, title="Giáo viên", valid=valid),
        authority.issue_person("Lê Văn Thử", organisation=SCHOOL, title="Hiệu trưởng", valid=valid),
        authority.issue_seal(SCHOOL, code="TEST-0001", valid=valid),
    )


def sign_carelessly(
    document: bytes, who: pki.Identity, field: str, *, digest: str = "sha256", certify: bool = True
) -> bytes:
    """Sign as a foreign program might: no check of the certificate, of the turn, or of the algorithm."""
    store = SimpleCertificateStore()
    store.register_multiple([pki.to_asn1(item) for item in who.chain])
    key = keys.PrivateKeyInfo.load(
        who.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    signer = SimpleSigner(who.der, key, store)
    metadata = PdfSignatureMetadata(
        field_name=field, md_algorithm=digest, subfilter=SigSeedSubFilter.PADES, certify=certify
    )
    writer = IncrementalPdfFileWriter(BytesIO(document))
    return asyncio.run(PdfSigner(metadata, signer).async_sign_pdf(writer)).getvalue()
