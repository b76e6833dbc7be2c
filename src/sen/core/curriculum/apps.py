from django.apps import AppConfig


class CurriculumConfig(AppConfig):
    name = "sen.core.curriculum"
    label = "curriculum"
    verbose_name = "Năm học, lớp, môn"

    def ready(self) -> None:
        from sen.core.curriculum import imports

        imports.register()
