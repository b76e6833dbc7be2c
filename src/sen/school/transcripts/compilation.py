"""One file to be printed out of several signed ones: pages are copied, signatures are not, and every page says so.

A copy of a signed PDF inside another cannot carry the signature; the signed files stay what they are, beside it.
"""

import tempfile
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils import content, generic, writer
from pyhanko.pdf_utils.reader import PdfFileReader

from sen.shared.documents.pdf import render_pdf

OVERLAY = Path(__file__).parent / "typst" / "print_overlay.typ"
# These parts of pyHanko carry no types.
_Page: Any = writer.PageObject
_Writer: Any = writer.PdfFileWriter
_Imported: Any = content.ImportedPdfPage
_Dictionary: Any = generic.DictionaryObject
_Number: Any = generic.FloatObject

A4 = generic.ArrayObject([_Number(value) for value in (0, 0, 595.276, 841.89)])


def compile_book(files: Sequence[bytes]) -> bytes:
    """The pages of all files in their order, each marked as a print without signature."""
    book = _Writer()
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "note.pdf"
        note.write_bytes(_overlay())
        for number, data in enumerate(files):
            source = Path(folder) / f"{number}.pdf"
            source.write_bytes(data)
            for page in range(int(PdfFileReader(BytesIO(data)).root["/Pages"]["/Count"])):
                _add(book, source, page, note)
    output = BytesIO()
    book.write(output)
    return output.getvalue()


def _add(book: Any, source: Path, page: int, note: Path) -> None:
    drawing = b""
    resources = _Dictionary({generic.NameObject("/XObject"): _Dictionary()})
    for part in (_Imported(str(source), page_ix=page), _Imported(str(note))):
        part.set_writer(book)
        drawing += b"q " + part.render() + b" Q "
        resources["/XObject"].update(part.resources.xobject)
    stream = book.add_object(generic.StreamObject(stream_data=drawing))
    book.insert_page(_Page(contents=stream, media_box=A4, resources=resources))


@lru_cache(maxsize=1)
def _overlay() -> bytes:
    return render_pdf(OVERLAY, {})
