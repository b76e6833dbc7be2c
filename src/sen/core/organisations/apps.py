from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "sen.core.organisations"
    label = "organisations"
    verbose_name = "Cơ quan, trường"
