from django.apps import AppConfig


class CurriculumConfig(AppConfig):
    name = "sen.core.curriculum"
    label = "curriculum"
    verbose_name = "Năm học, lớp, môn"

    def ready(self) -> None:
        from sen.core.curriculum import entries, imports, receivers  # noqa: F401  # receivers connect when imported
        from sen.core.identity import desk

        desk.register(entries=entries.entries, work=entries.work, search=entries.search, years=entries.years)
        imports.register()
