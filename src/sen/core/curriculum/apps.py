from django.apps import AppConfig


class CurriculumConfig(AppConfig):
    name = "sen.core.curriculum"
    label = "curriculum"
    verbose_name = "Năm học, lớp, môn"
