"""What a reader of the paper sees in the place of a signature: holder, organisation, time (Decree 30/2020, annex I).

The picture is made by Typst, so that it shows every Vietnamese letter and keeps the file PDF/A (fonts embedded).
"""

from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from asn1crypto import x509
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.stamp import StaticStampStyle

from .pdf import render_pdf
from .trust import name_of, organisation_of

_TEMPLATE = Path(__file__).parent / "templates" / "appearance.typ"
_LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


def appearance(certificate: x509.Certificate, at: datetime, size: tuple[int, int]) -> StaticStampStyle:
    """The stamp for a field of `size` (width and height in points), signed by the holder of `certificate` at `at`."""
    name, organisation = name_of(certificate), organisation_of(certificate)
    # To the minute: the exact time stands in the time stamp, and a batch can use one picture for many files.
    time = at.astimezone(_LOCAL).strftime("%d/%m/%Y %H:%M +07:00")
    picture = _picture(name, "" if organisation == name else organisation, time, *size)
    return StaticStampStyle(background=_Page(picture), border_width=0, background_opacity=1.0)


class _Page(PdfContent):
    """The one page of a PDF, drawn into another file."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self._pdf = pdf

    def render(self) -> bytes:
        page = self._ensure_writer.import_page_as_xobject(PdfFileReader(BytesIO(self._pdf)))
        self.resources.xobject["/Picture"] = page
        left, bottom, right, top = (float(value) for value in page.get_object()["/BBox"])
        self.box = BoxConstraints(width=right - left, height=top - bottom)
        return b"/Picture Do"


@lru_cache(maxsize=64)
def _picture(name: str, organisation: str, time: str, width: int, height: int) -> bytes:
    data = {"name": name, "organisation": organisation, "time": time, "width": width, "height": height}
    return render_pdf(_TEMPLATE, data)
