"""Shows the look with made-up data, from the real templates: `python frontend/demo/serve.py`, then http://127.0.0.1:8070/.

For developers of the front end only; it is not part of the product. The mark sheet answers like the real one (rules of
marks, versions, a colleague who writes now and then), so that the island can be tried without a school.
"""

import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.urls import path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(Path(__file__).parent)]

settings.configure(
    DEBUG=True,
    SECRET_KEY="demo",  # noqa: S106  # nothing here is secret
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    TIME_ZONE="Asia/Ho_Chi_Minh",
    LANGUAGE_CODE="vi",
    STATIC_URL="/static/",
    INSTALLED_APPS=["sen.shared.ui", "django.forms", "django.contrib.staticfiles"],
    FORM_RENDERER="sen.shared.ui.forms.SenRenderer",
    MIDDLEWARE=["django.middleware.locale.LocaleMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "DIRS": [Path(__file__).parent / "templates"],
            "OPTIONS": {"context_processors": ["django.template.context_processors.request", "pages.shell"]},
        }
    ],
)
django.setup()

import pages  # noqa: E402 – needs the settings above
from django.views.i18n import set_language  # noqa: E402

urlpatterns = [path("i18n/", set_language, name="set_language"), *pages.urls]


def main() -> None:
    """Serve on the loopback address until Ctrl+C."""
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

    from django.contrib.staticfiles.handlers import StaticFilesHandler

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8070), Quiet)
    server.set_app(StaticFilesHandler(WSGIHandler()))
    print(f"http://127.0.0.1:{server.server_port}/")  # noqa: T201  # the developer wants the address
    server.serve_forever()


if __name__ == "__main__":
    main()
