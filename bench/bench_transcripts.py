"""Transcripts built and signed, beside the bare tools: the same pages by Typst and bare pyHanko signatures on them.

Ours does everything a school needs around that: gathers the class, canonical record, JSON and XML, fields, checks of
right, turn, digest and unchanged results, visible signatures, storing, history, and the signed data of the seal.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from bench import Row
from bench.database import own_database

PUPILS = 30
AIM = "at least 0.7x"


def run() -> Iterator[Row]:
    with own_database():
        import logging

        logging.getLogger("pyhanko").setLevel(logging.ERROR)
        from sen.shared.kit import scope

        with scope.use(scope.whole_system("bench", "đo tốc độ")):
            yield from _measured()


def _measured() -> Iterator[Row]:
    from sen.school.gradebook.tests.factories import REGIMES
    from sen.school.transcripts import services
    from sen.school.transcripts.models import Transcript
    from sen.school.transcripts.tests.factories import finished_class

    finished = finished_class(pupils=PUPILS + 2, subjects=REGIMES["tt22-2021"][2])
    services.queue_year(school_id=finished.school.pk, year=2022)
    ids = list(Transcript.objects.order_by("pk").values_list("pk", flat=True))

    def sign(chosen: list[Any], role: str) -> None:
        """As a school does it: one act over the list, carried out by the worker."""
        actor, digests = finished.signer(role), dict(Transcript.objects.values_list("pk", "pdf_sha256"))
        services.start_batch(
            actor=actor, school_id=finished.school.pk, year=2022, role=role, typed_count=len(chosen), previewed=chosen,
            items=[services.Item(pk, digests[pk]) for pk in chosen],
        )  # fmt: skip
        hands = services.Hands()
        while services.sign_next(hands):
            pass
        hands.close()

    services.build_these(ids[:2])  # fonts, compiler, contexts
    for role in ("form_teacher", "principal", "seal"):
        sign(ids[:2], role)
    warm, chosen = ids[:2], ids[2:]
    built = _timed(lambda: services.build_these(chosen))
    tools = Tools()
    records = list(Transcript.objects.filter(pk__in=chosen).order_by("pk").values_list("record", flat=True))
    first = tools.print(Transcript.objects.get(pk=warm[0]).record)
    tools.sign(first, "teacher")
    tools.sign(first, "seal", archive=True)
    tools.sign_data(records[0])
    pages: list[bytes] = []
    printed = _timed(lambda: pages.extend(tools.print(record) for record in records))
    one = _timed(lambda: sign(chosen, "form_teacher"))
    bare_one = _timed(lambda: _each(pages, lambda page: tools.sign(page, "teacher")))
    rest = _timed(lambda: (sign(chosen, "principal"), sign(chosen, "seal")))
    bare_two = _timed(lambda: _each(pages, lambda page: tools.sign(page, "principal")))
    bare_seal = _timed(lambda: _each(pages, lambda page: tools.sign(page, "seal", archive=True)))
    bare_seal += _timed(lambda: [tools.sign_data(record) for record in records])  # JSON and XML bear the seal as well
    size = Transcript.objects.select_related("pdf").get(pk=chosen[0])
    assert size.pdf is not None
    note = f"building {_ms(built)}, one signature {_ms(one)}; Typst alone {_ms(printed)}, pyHanko alone {_ms(bare_one)}"
    yield Row("transcripts built and signed once", _rate(built + one), _rate(printed + bare_one), "a minute", AIM, note)
    yield Row(
        "the same with all signatures, sealed B-LTA",
        _rate(built + one + rest), _rate(printed + bare_one + bare_two + bare_seal), "a minute", AIM,
        f"{size.pdf.size / 1024:.0f} kB a sealed PDF; two more {_ms(rest)}, pyHanko alone {_ms(bare_two + bare_seal)}",
    )  # fmt: skip


class Tools:
    """Typst and pyHanko as they come, on the same template and data, with the same certificates."""

    def __init__(self) -> None:
        from pyhanko.keys.internal import translate_pyca_cryptography_key_to_asn1
        from pyhanko.sign.signers import SimpleSigner
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        from sen.school.transcripts import setup
        from sen.shared.documents.pki import to_asn1

        authority = setup.demo_authority()
        identity = authority.issue_person("Người Đo", organisation="Trường Đo")
        self.identity = identity
        store = SimpleCertificateStore()
        store.register_multiple([to_asn1(item) for item in identity.chain])
        self.signer = SimpleSigner(
            signing_cert=identity.der,
            signing_key=translate_pyca_cryptography_key_to_asn1(identity.key),
            cert_registry=store,
        )
        self.stamper = setup.timestamper()
        from datetime import UTC, datetime

        self.context = setup.current_trust().context(datetime.now(UTC))

    def print(self, record: dict[str, Any]) -> bytes:
        """The same pages from the same data by the Typst compiler, its fonts loaded once."""
        from sen.school.transcripts.booklet import FORMS
        from sen.shared.documents.canonical import canonical_json
        from sen.shared.documents.pdf import Attachment, Mark, render_pdf

        places = {
            role: {"name": role, "title": role, "note": "", "holder": ""}
            for role in ("form_teacher", "principal", "seal")
        }
        mark = Mark("0" * 32, "0" * 64, "http://localhost/tra-cuu/" + "0" * 32, True)
        # The attachment stands for the data file; it is embedded by Typst as well.
        data = Attachment("hoc-ba.json", canonical_json(record))
        return render_pdf(FORMS / "secondary_new.typ", record | {"places": places}, mark=mark, attachments=[data])

    def sign(self, pdf: bytes, field: str, *, archive: bool = False) -> bytes:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import SigSeedSubFilter
        from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

        metadata = PdfSignatureMetadata(
            field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, embed_validation_info=archive,
            use_pades_lta=archive, validation_context=self.context if archive else None,
        )  # fmt: skip
        signer = PdfSigner(metadata, self.signer, timestamper=self.stamper if archive else None)
        return bytes(signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf))).getvalue())

    def sign_data(self, record: dict[str, Any]) -> None:
        """A detached CMS over the JSON, and XAdES inside the XML."""
        from lxml import etree
        from signxml.algorithms import CanonicalizationMethod, SignatureMethod
        from signxml.xades import XAdESSigner

        from sen.shared.documents.canonical import canonical_json, canonical_xml

        asyncio.run(self.signer.async_sign_general_data(canonical_json(record), "sha256"))
        engine = XAdESSigner(
            signature_algorithm=SignatureMethod.ECDSA_SHA256, c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_1
        )
        certificates = [self.identity.certificate, *self.identity.chain]
        engine.sign(etree.fromstring(canonical_xml(record)), key=self.identity.key, cert=certificates)


def _each(pages: list[bytes], act: Callable[[bytes], bytes]) -> None:
    """Each signature goes onto the file with those before it."""
    for place, page in enumerate(pages):
        pages[place] = act(page)


def _timed(act: Callable[[], object]) -> float:
    """Seconds of processor time, of this process and of its database backend: "per core" on a busy machine too."""
    started = time.process_time() + _backend_seconds()
    act()
    return time.process_time() + _backend_seconds() - started


def _backend_seconds() -> float:
    """Processor time of the PostgreSQL backend that serves this connection (Linux; elsewhere not counted)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _rate(seconds: float) -> float:
    return PUPILS / seconds * 60


def _ms(seconds: float) -> str:
    return f"{seconds / PUPILS * 1000:.0f} ms"
