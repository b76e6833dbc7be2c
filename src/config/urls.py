"""Where every address leads. Vietnamese paths: people read them aloud on the phone."""

from django.urls import include, path
from django.views.generic import RedirectView

from config import health
from config.api import api
from sen.core.identity.urls import account_urlpatterns
from sen.core.identity.views import shell

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("i18n/setlang/", shell.set_language, name="set_language"),
    path("api/", api.urls),
    path("co-quan/", include("sen.core.organisations.urls")),
    path("ket-qua/", RedirectView.as_view(pattern_name="gradebook:family"), name="results"),  # short, for parents
    path("so-diem/", include("sen.school.gradebook.urls")),
    path("tai-khoan/", include(account_urlpatterns)),
    path("", include("sen.core.curriculum.urls")),
    path("", include("sen.core.identity.urls")),
    path("", include("sen.core.people.urls")),
    path("", include("sen.school.transcripts.urls")),
]
