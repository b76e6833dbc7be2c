"""Where every address leads. Vietnamese paths: people read them aloud on the phone."""

from django.urls import include, path

from config import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("tai-khoan/", include("allauth.urls")),
]
