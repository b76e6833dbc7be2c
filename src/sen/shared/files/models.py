from typing import ClassVar

from django.core.files.storage import default_storage
from django.db import models

from sen.shared.kit.models import ByPerson, Guard, Table


class StoredFile(Table):
    """A file kept under its digest; the same bytes are stored once. Storage: a folder, or S3 by settings."""

    guard: ClassVar[Guard] = ByPerson()

    school_id = models.UUIDField()
    person_id = models.UUIDField(null=True, blank=True)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="files_file_sha256")]

    @property
    def path(self) -> str:
        return f"{self.sha256[:2]}/{self.sha256}"

    def read(self) -> bytes:
        with default_storage.open(self.path) as stream:
            return bytes(stream.read())
