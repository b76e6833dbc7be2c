"""The Django application of the shared look."""

from django.apps import AppConfig
from django.core.checks import register


class UiConfig(AppConfig):
    """Registers templates, tags and static files under the label `ui`."""

    name = "sen.shared.ui"
    label = "ui"

    def ready(self) -> None:
        from sen.shared.ui import assets, forms

        register(assets.check_front_end_is_built)
        forms.speak_plainly()
