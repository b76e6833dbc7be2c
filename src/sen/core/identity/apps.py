from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "sen.core.identity"
    label = "identity"
    verbose_name = "Tài khoản và quyền"
