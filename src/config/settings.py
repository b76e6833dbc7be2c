"""Django settings, one file. Read from the environment; what a school may choose is a table, not a setting."""

from pathlib import Path

from config import environment as env

SRC = Path(__file__).resolve().parent.parent
DATA = env.data_folder()

DEMO = env.flag("SEN_DEMO")
DEBUG = env.flag("SEN_DEBUG")
SECRET_KEY = env.secret_key()
ALLOWED_HOSTS = env.text("SEN_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
HTTPS = env.flag("SEN_HTTPS")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "procrastinate.contrib.django",
    "sen.shared.ui",
    "django.forms",
    "sen.shared.audit",
    "sen.shared.files",
    "sen.shared.messaging",
    "sen.core.organisations",
    "sen.core.identity",
    "sen.core.people",
    "sen.core.curriculum",
    "sen.school.gradebook",
    "sen.school.transcripts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "config.health.count_requests",
    "django.middleware.security.SecurityMiddleware",
    "sen.core.identity.middleware.guard_the_page",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sen.core.identity.middleware.one_transaction",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "sen.core.identity.middleware.note_activity",
    "sen.core.identity.middleware.SignInRequired",
    "sen.core.identity.middleware.who_acts",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "sen.core.identity.context.shell",
            ],
        },
    },
]
FORM_RENDERER = "sen.shared.ui.forms.SenRenderer"

DATABASES = {"default": env.database(env.text("DATABASE_URL", "postgresql:///sen"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The role the application connects as; `sen migrate` gives it its rights.
APPLICATION_ROLE = env.text("SEN_DATABASE_ROLE", "sen_app")

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "sen_cache",
        # Wrong passwords and used codes are counted here: a flood of other entries must not make it forget them.
        "OPTIONS": {"MAX_ENTRIES": 100_000, "CULL_FREQUENCY": 10},
    }
}
STORAGES = {
    "default": env.storage(),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Static files are served from the packages themselves; only a server that runs `collectstatic` has hashed names.
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()
if WHITENOISE_USE_FINDERS:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# Sign-in
AUTH_USER_MODEL = "identity.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["sen.core.identity.passwords.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "sen.core.identity.passwords.NoSchoolWords"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "sen.core.identity.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_PRESERVE_USERNAME_CASING = False  # login names are lower case: found by their index, typed in any case
ACCOUNT_FORMS = {
    "login": "sen.core.identity.forms.SignInForm",
    "change_password": "sen.core.identity.forms.ChangePasswordForm",
    "reauthenticate": "sen.core.identity.forms.ReauthenticateForm",
}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_TIMEOUT = 900
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_PREVENT_ENUMERATION = True
# Behind n proxies of ours the address of a visitor stands in X-Forwarded-For, n places from its end.
ALLAUTH_TRUSTED_PROXY_COUNT = env.whole("SEN_PROXIES", 0, 0, 9)
# Per account and per network: a computer room of 45 pupils shares one address.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "5/5m/key,200/5m/ip", "reauthenticate": "10/m/user"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Sen"
MFA_TOTP_TOLERANCE = 1  # phones whose clock is half a minute off
MFA_FORMS = {
    "authenticate": "sen.core.identity.forms.CodeForm",
    "reauthenticate": "sen.core.identity.forms.ReauthenticateByCodeForm",
    "activate_totp": "sen.core.identity.forms.AddAuthenticatorForm",
    "add_webauthn": "sen.core.identity.forms.AddPasskeyForm",
    "edit_webauthn": "sen.core.identity.forms.RenamePasskeyForm",
}
MFA_ADAPTER = "sen.core.identity.adapter.SecondFactorAdapter"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
USERSESSIONS_TRACK_ACTIVITY = True

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = False  # the reverse proxy does it
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if HTTPS]
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [SRC / "sen" / "locale"]
FORMAT_MODULE_PATH = "sen.shared.ui.locales"
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a class sheet without JavaScript is one form
FILE_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
SILENCED_SYSTEM_CHECKS = ["models.W042"]

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_ON_APP_READY = "config.jobs.on_app_ready"

LOGGING_CONFIG = "config.logs.configure"
LOGGING = {"shape": "json"}  # Django calls the function above only when this is not empty
