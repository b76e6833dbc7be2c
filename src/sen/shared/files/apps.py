from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "sen.shared.files"
    label = "files"
    verbose_name = "Tệp"
