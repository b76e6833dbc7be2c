from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "sen.core.identity"
    label = "identity"
    verbose_name = "Tài khoản và quyền"

    def ready(self) -> None:
        from sen.core.identity import desk, entries, receivers, tree  # noqa: F401  # receivers connect when imported

        desk.register(entries=entries.entries, work=entries.work, search=entries.search)
        desk.register(entries=tree.entries, search=tree.search)
