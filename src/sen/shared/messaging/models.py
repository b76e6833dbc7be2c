from typing import ClassVar

from django.db import models

from sen.shared.kit.models import Guard, Open, Table


class Notice(Table):
    """A notice to one account (thông báo): what happened and where to go. Carries no personal data of others."""

    guard: ClassVar[Guard] = Open("Chỉ đọc theo tài khoản nhận; nội dung không có dữ liệu cá nhân của người khác.")
    tracked: ClassVar[bool] = False

    account_id = models.UUIDField()
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account_id", "-sent_at"], name="messaging_notice_inbox")]
