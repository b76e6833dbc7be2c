from django.apps import AppConfig


class GradebookConfig(AppConfig):
    name = "sen.school.gradebook"
    label = "gradebook"
    verbose_name = "Sổ điểm"
