"""Places for signatures in a PDF: all of them are made before the first signature.

A template marks a place by an empty box linked to `sen-sign:NAME`; such a link becomes the visible field NAME.
A name without a place becomes an invisible field. The step says whose turn it is: fields of one step may be signed in
any order (subject teachers), a later step only after every earlier one (form teacher, principal, seal).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext as _
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field, enumerate_sig_fields

from sen.shared.kit.errors import Invalid, RuleError

MARK = "sen-sign:"
_STEP = generic.NameObject("/SEN_Step")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")

Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True)
class Field:
    """A place for one signature. `title` is what a reader of the file sees ("Hiệu trưởng")."""

    name: str
    title: str = ""
    step: int | None = None


@dataclass(frozen=True)
class FieldState:
    name: str
    title: str
    step: int
    signed: bool
    size: tuple[int, int]
    """Width and height on the page, in points; (0, 0) for an invisible field."""


def open_pdf(pdf: bytes) -> PdfFileReader:
    """Parse a file. Raises Invalid("documents.not_a_pdf")."""
    try:
        reader = PdfFileReader(BytesIO(pdf))
        encrypted = reader.encrypted
    except (PdfReadError, ValueError, KeyError, TypeError) as error:
        raise Invalid("documents.not_a_pdf", _("Tệp không phải là PDF hoặc đã bị hỏng.")) from error
    if encrypted:
        raise Invalid("documents.not_a_pdf", _("Tệp PDF có mật khẩu, không ký được."))
    return reader


def prepare_fields(pdf: bytes, fields: Sequence[Field | str]) -> bytes:
    """Add every signature field, in the order in which they are to be signed.

    Raises RuleError: documents.fields_exist when the file already has signature fields, documents.bad_field for a
    wrong or repeated name.
    """
    wanted = [item if isinstance(item, Field) else Field(item) for item in fields]
    names = [item.name for item in wanted]
    if not wanted or len(set(names)) < len(names) or not all(_NAME.fullmatch(name) for name in names):
        raise RuleError("documents.bad_field", _("Tên ô chữ ký không hợp lệ hoặc bị trùng."))
    reader = open_pdf(pdf)
    if any(True for _field in enumerate_sig_fields(reader)):
        raise RuleError("documents.fields_exist", _("Tệp đã có ô chữ ký."))
    writer = IncrementalPdfFileWriter.from_reader(reader)
    places = _take_places(writer)
    for number, item in enumerate(wanted):
        page, box = places.get(item.name, (0, None))
        place = SigFieldSpec(item.name, on_page=page, box=box, readable_field_name=item.title or None)
        append_signature_field(writer, place)
        added = writer.root["/AcroForm"]["/Fields"][-1].get_object()
        added[_STEP] = generic.NumberObject(number if item.step is None else item.step)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def field_states(reader: PdfFileReader) -> list[FieldState]:
    """The signature fields of a file, time stamps left out."""
    states = []
    for number, (name, value, reference) in enumerate(enumerate_sig_fields(reader)):
        entry = reference.get_object()
        # Our own fields carry a step; looking into a signature is slow, and needed for foreign files only.
        if value is not None and _STEP not in entry and value.get_object().get("/Type") == "/DocTimeStamp":
            continue
        step = entry.get(_STEP, number)
        title = str(entry.get("/TU", "")) or name
        left, bottom, right, top = (round(float(side)) for side in entry.get("/Rect", (0, 0, 0, 0)))
        states.append(FieldState(name, title, int(step), value is not None, (right - left, top - bottom)))
    return states


def require_turn(states: Sequence[FieldState], name: str) -> FieldState:
    """Find the field to be signed; refuse one that is unknown, signed already, or not yet to be signed.

    Raises RuleError: documents.no_such_field, documents.field_signed, documents.wrong_order.
    """
    field = next((state for state in states if state.name == name), None)
    if field is None:
        raise RuleError("documents.no_such_field", _("Tài liệu không có ô chữ ký “{name}”.").format(name=name))
    if field.signed:
        raise RuleError("documents.field_signed", _("Ô chữ ký “{name}” đã được ký.").format(name=field.title))
    earlier = next((state for state in states if state.step < field.step and not state.signed), None)
    if earlier is not None:
        text = _("Chưa đến lượt ký ô “{name}”: ô “{earlier}” phải được ký trước.")
        raise RuleError("documents.wrong_order", text.format(name=field.title, earlier=earlier.title))
    return field


def _take_places(writer: IncrementalPdfFileWriter) -> dict[str, tuple[int, Rectangle]]:
    """Find the template's marks, take them off their pages, and return field name -> (page, rectangle)."""
    places: dict[str, tuple[int, Rectangle]] = {}
    for number in range(int(writer.root["/Pages"]["/Count"])):
        page = writer.find_page_for_modification(number)[0].get_object()
        annotations = page.get("/Annots")
        if annotations is None:
            continue
        kept = generic.ArrayObject()
        for reference in annotations:
            annotation = reference.get_object()
            target = str(annotation.get("/A", {}).get("/URI", "")) if annotation.get("/Subtype") == "/Link" else ""
            if target.startswith(MARK):
                left, bottom, right, top = (round(float(value)) for value in annotation["/Rect"])
                places[target.removeprefix(MARK)] = (number, (left, bottom, right, top))
            else:
                kept.append(reference)
        if len(kept) < len(annotations):
            page["/Annots"] = kept
            writer.update_container(page)
    return places
