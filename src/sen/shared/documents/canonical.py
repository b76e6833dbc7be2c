"""The frozen record behind a document: one way to write it, so that everyone counts the same hash.

JSON by RFC 8785 (sorted keys, shortest numbers, UTF-8) over text in Unicode form NFC: the same name typed on a phone
and on a PC may differ in bytes, and must not differ in hash. Two hashes are kept from the start, of two families, so
that one broken algorithm does not take the archive with it. XML is the exchange form of the same record.
"""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785
from django.utils.translation import gettext as _
from lxml import etree

from sen.shared.kit.errors import Invalid

Value = Any
"""What JSON can hold: text, whole number, float, true/false, null, lists and dictionaries of these."""

NAMESPACE = "urn:sen:record:1"


@dataclass(frozen=True)
class Digests:
    """Hexadecimal."""

    sha256: str
    sha3_256: str


def canonical_json(record: Mapping[str, Value]) -> bytes:
    """The record's bytes. Marks and money are written as text or whole numbers by the caller, never as floats.

    Raises Invalid("documents.not_canonical") for a value that JSON cannot hold exactly, naming its place.
    """
    return rfc8785.dumps(_normal(record, "$"))


def digests(data: bytes) -> Digests:
    return Digests(hashlib.sha256(data).hexdigest(), hashlib.sha3_256(data).hexdigest())


def canonical_xml(record: Mapping[str, Value], *, root: str = "record") -> bytes:
    """The same record as XML: an object becomes named children in sorted order, a list repeats `item`.

    Every leaf tells its type, so that `record_from_xml` gives the record back. Written in C14N 1.1 form.
    """
    top = etree.Element(etree.QName(NAMESPACE, root), nsmap={None: NAMESPACE})
    _fill(top, _normal(record, "$"))
    return bytes(etree.tostring(top, method="c14n"))


def record_from_xml(data: bytes | etree._Element) -> dict[str, Value]:
    """Read `canonical_xml` back. Raises Invalid("documents.bad_xml")."""
    top = parse_xml(data) if isinstance(data, bytes) else data
    record = _read(top)
    if not isinstance(record, dict):
        raise Invalid("documents.bad_xml", _("Tệp XML không phải là bản ghi hợp lệ."))
    return record


def parse_xml(data: bytes) -> etree._Element:
    """Parse without entities, DTD or network. Raises Invalid("documents.bad_xml")."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        top = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Invalid("documents.bad_xml", _("Tệp XML bị hỏng hoặc sai định dạng.")) from error
    if top.getroottree().docinfo.doctype:
        raise Invalid("documents.bad_xml", _("Tệp XML chứa khai báo DTD nên bị từ chối."))
    return top


def _normal(value: Value, place: str) -> Value:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        normal = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise _refusal(place)
            normal[unicodedata.normalize("NFC", key)] = _normal(item, f"{place}.{key}")
        if len(normal) < len(value):
            raise _refusal(place)  # two keys that differ in writing only
        return normal
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_normal(item, f"{place}[{number}]") for number, item in enumerate(value)]
    raise _refusal(place)


def _refusal(place: str) -> Invalid:
    text = _("Bản ghi có giá trị không ghi được chính xác tại {place}.").format(place=place)
    return Invalid("documents.not_canonical", text, place)


def _fill(element: etree._Element, value: Value) -> None:
    if isinstance(value, dict):
        element.set("type", "object")
        for key in sorted(value):
            child = etree.SubElement(element, etree.QName(NAMESPACE, "field"))
            child.set("name", key)
            _fill(child, value[key])
    elif isinstance(value, list):
        element.set("type", "list")
        for item in value:
            _fill(etree.SubElement(element, etree.QName(NAMESPACE, "item")), item)
    elif value is None:
        element.set("type", "null")
    elif isinstance(value, bool):
        element.set("type", "boolean")
        element.text = "true" if value else "false"
    elif isinstance(value, int):
        element.set("type", "integer")
        element.text = str(value)
    else:
        element.set("type", "text")
        try:
            element.text = value
        except ValueError as error:  # control characters have no place in XML
            raise _refusal(element.get("name", "")) from error


def _read(element: etree._Element) -> Value:
    kind, text = element.get("type"), element.text or ""
    children = [child for child in element if etree.QName(child).namespace == NAMESPACE]
    if kind == "object":
        return {str(child.get("name")): _read(child) for child in children}
    if kind == "list":
        return [_read(child) for child in children]
    if kind == "integer" and text.lstrip("-").isdigit():
        return int(text)
    if kind in {"null", "boolean", "text"}:
        return {"null": None, "boolean": text == "true", "text": text}[kind]
    raise Invalid("documents.bad_xml", _("Tệp XML không phải là bản ghi hợp lệ."))
