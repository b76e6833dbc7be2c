"""Template and data -> PDF/A-3 by Typst, with the data file inside and fonts that carry every Vietnamese letter.

A template is a `.typ` file; it reads its data by `#import "@sen/official:1.0.0": data`. Values are text and are never
evaluated as markup. Only the template's folder and our own package of parts can be read, nothing from the network.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
import typst
from django.utils.translation import gettext as _

from sen.shared.kit.errors import RuleError

_HERE = Path(__file__).parent
_one_at_a_time = threading.Lock()  # a compiler keeps its inputs between calls


@dataclass(frozen=True)
class Attachment:
    """A text file (JSON, XML) to be embedded as the document's data."""

    name: str
    content: bytes
    mime: str = "application/json"
    description: str = "Dữ liệu gốc của tài liệu"


@dataclass(frozen=True)
class Mark:
    """What every page shows so that a reader can check it: id, short hash of the record, address of the verifier."""

    document_id: str
    sha256: str
    url: str
    is_test: bool = False


def render_pdf(
    template: Path,
    data: Mapping[str, Any],
    *,
    mark: Mark | None = None,
    attachments: Sequence[Attachment] = (),
    issued_at: datetime | None = None,
) -> bytes:
    """Make a PDF/A-3b. The same template, data, mark and `issued_at` give the same bytes.

    Raises RuleError("documents.unprintable") when a text holds a character that no font can show, and typst.TypstError
    when the template itself is wrong.
    """
    files = [asdict(item) | {"content": item.content.decode()} for item in attachments]
    inputs = {
        name: json.dumps(value, ensure_ascii=False)
        for name, value in (("data", data), ("mark", _printed(mark)), ("attachments", files))
    }
    try:
        with _one_at_a_time:
            output = _compiler(template.parent).compile(
                template,
                format="pdf",
                sys_inputs=inputs,
                pdf_standards="a-3b",
                timestamp=int((issued_at or datetime.now(UTC)).timestamp()),
            )
    except typst.TypstError as error:
        if "could not be displayed with font" in error.message:
            letters = error.message.split('`"')[1].split('"`')[0]
            text = _("Nội dung có ký tự không in được: {letters}").format(letters=letters)
            raise RuleError("documents.unprintable", text) from error
        raise
    assert isinstance(output, bytes)
    if attachments and b"/EmbeddedFile" not in output:
        raise ValueError(f"{template.name} does not embed its records: it must use `official` of @sen/official")
    return output


def qr_points(text: str) -> tuple[int, list[int]]:
    """A QR code as (modules on a side, grey values row by row), error correction M: a creased print can still be read.

    One of the eight masks is as readable as another; choosing it beforehand saves nine tenths of the time.
    """
    rows = list(segno.make(text, error="m", micro=False, mask=2).matrix_iter(border=2))
    return len(rows), [0 if dark else 255 for row in rows for dark in row]


def _printed(mark: Mark | None) -> dict[str, Any] | None:
    if mark is None:
        return None
    short = " ".join(mark.sha256[start : start + 4] for start in range(0, 16, 4)).upper()
    size, points = qr_points(mark.url)
    return {
        "id": mark.document_id,
        "hash": short,
        "url": mark.url,
        "test": mark.is_test,
        "qr": points,
        "qr-size": size,
    }


@lru_cache(maxsize=32)
def _compiler(root: Path) -> typst.Compiler:
    return typst.Compiler(
        root=root,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        package_path=_HERE / "templates",
        package_cache_path=_HERE / "templates",
    )


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_HERE / "fonts"])
