from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "sen.core.people"
    label = "people"
    verbose_name = "Hồ sơ"
