from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "sen.shared.audit"
    label = "audit"
    verbose_name = "Nhật ký"
