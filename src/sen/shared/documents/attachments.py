"""Files embedded in a PDF (PDF/A-3): the data file from which the pages were made."""

from pyhanko.pdf_utils.reader import PdfFileReader

from .fields import open_pdf

LARGEST_ATTACHMENT = 16 * 1024 * 1024
"""Bytes after decompression; a record is a few kB."""


def attachments(pdf: bytes | PdfFileReader) -> dict[str, bytes]:
    """Name -> content of the files that the document itself declares as its data (AFRelationship Data)."""
    reader = open_pdf(pdf) if isinstance(pdf, bytes) else pdf
    found: dict[str, bytes] = {}
    for reference in reader.root.get("/AF", ()):
        entry = reference.get_object()
        if entry.get("/AFRelationship") != "/Data":
            continue
        content = entry["/EF"]["/F"].get_object().data
        if len(content) <= LARGEST_ATTACHMENT:
            found[str(entry.get("/UF") or entry["/F"])] = bytes(content)
    return found
