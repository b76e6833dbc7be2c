from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "sen.shared.messaging"
    label = "messaging"
    verbose_name = "Thông báo"
