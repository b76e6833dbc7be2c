"""RFC 3161 time stamps: the client of a real authority, and a demo authority in process or on a loopback port."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from asn1crypto import algos, cms, tsp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute
from pyhanko.sign.timestamps import DummyTimeStamper, TimeStamper
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

from .pki import Identity

TimeStamping = TimeStamper
"""What signing asks for a time stamp; any pyHanko time stamper will do."""


def http_timestamper(url: str, *, seconds: int = 10) -> TimeStamper:
    """The client of a time-stamp authority at `url`. It gives up after `seconds`."""
    return RequestsHTTPTimeStamper(url, timeout=seconds)


class DemoTimeStamper(DummyTimeStamper):
    """A time-stamp authority in this process, with a demo certificate.

    pyHanko's own stand-in signs with RSA only, refers to its certificate by SHA-1 and reads its key again for each
    stamp (0.2 s); this one holds the key and writes what today's validators want.
    """

    def __init__(self, identity: Identity, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(identity.der, None)
        self._identity = identity
        self._clock = clock
        reference = simple_cms_attribute("signing_certificate_v2", as_signing_certificate_v2(self.tsa_cert))
        self._reference = cms.CMSAttribute.load(reference.dump())  # read back, so that writing it again costs nothing

    def request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        self.fixed_dt = self._clock().astimezone(UTC)
        return super().request_tsa_response(req)

    def _sign_tst_info(self, tst_info_data: bytes, md_algorithm: str, dt: datetime) -> tuple[bytes, cms.CMSAttributes]:
        digest = hashes.Hash(hashes.SHA256())
        digest.update(tst_info_data)
        attributes = cms.CMSAttributes(
            [
                simple_cms_attribute("content_type", "tst_info"),
                self._reference,
                simple_cms_attribute("message_digest", digest.finalize()),
            ]
        )
        key = self._identity.key
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())), attributes
        return key.sign(attributes.dump(), PKCS1v15(), hashes.SHA256()), attributes

    def _build_signed_data(
        self, tst_info_data: bytes, md_algorithm: str, signature: bytes, signed_attrs: cms.CMSAttributes
    ) -> dict[str, Any]:
        data: dict[str, Any] = super()._build_signed_data(tst_info_data, "sha256", signature, signed_attrs)
        if isinstance(self._identity.key, ec.EllipticCurvePrivateKey):
            data["signer_infos"][0]["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
        return data


@contextmanager
def serve(stamper: DummyTimeStamper) -> Iterator[str]:
    """Answer RFC 3161 requests over HTTP on a free loopback port; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 < length <= 10_000:
                self.send_error(413)
                return
            answer = stamper.request_tsa_response(tsp.TimeStampReq.load(self.rfile.read(length))).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Silent: the caller's log is enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
