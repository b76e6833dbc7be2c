"""Storing and checking files."""

import hashlib
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from sen.shared.files.models import StoredFile
from sen.shared.kit.errors import RuleError


def store(
    *, content: bytes, name: str, content_type: str, school_id: UUID, person_id: UUID | None = None
) -> StoredFile:
    """Keep bytes under their SHA-256 and note them. The caller has checked the right."""
    file = StoredFile(
        school_id=school_id,
        person_id=person_id,
        name=name,
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    if not default_storage.exists(file.path):
        default_storage.save(file.path, ContentFile(content))
    file.save()
    return file


def read_checked(file: StoredFile) -> bytes:
    """The bytes, refused when they no longer have the digest under which they were stored."""
    content = file.read()
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise RuleError("files.changed", f"Tệp “{file.name}” trong kho đã bị thay đổi so với lúc lưu.")
    return content
