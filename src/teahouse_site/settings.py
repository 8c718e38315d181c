"""Settings of the ready site; what differs between installations comes from ``TEAHOUSE_…`` variables."""

from __future__ import annotations

import os

from django.utils.translation import gettext_lazy as _

from teahouse_site import data_folder, environment

DATA = data_folder.prepare(os.environ.get("TEAHOUSE_DATA") or "teahouse-data")
SECRET_KEY = data_folder.secret_key(DATA)
DEBUG = False

ALLOWED_HOSTS = environment.allowed_hosts()
CSRF_TRUSTED_ORIGINS = environment.words("TEAHOUSE_ORIGINS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.https_only()

INSTALLED_APPS = [
    "teahouse_site",
    "teahouse",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "teahouse_site.headers.content_security_policy",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "teahouse_site.urls"
ASGI_APPLICATION = "teahouse_site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": environment.database(os.environ.get("TEAHOUSE_DATABASE"), DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS = {"default": environment.channel_layer(os.environ.get("TEAHOUSE_REDIS"))}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_REDIRECT_URL = "teahouse:lobby"
LOGOUT_REDIRECT_URL = "teahouse:lobby"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
# Served where the apps keep them, so nothing is collected. ES modules import each other by plain names, which
# hashed names would break; browsers ask each time whether a file changed.
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_MAX_AGE = 0
SERVESTATIC_ALLOW_ALL_ORIGINS = False
MEDIA_ROOT = DATA / "uploads"

TEAHOUSE = {
    "POLICY": "teahouse_site.policy.SitePolicy",
    "LIMITS": environment.is_on("TEAHOUSE_LIMITS"),
    "DOCTOR": environment.is_on("TEAHOUSE_DOCTOR"),
    "PROXIES": environment.proxies(),
}
EVERYBODY_MAKES_ROOMS = environment.only_this_machine()

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Django would also mail errors to admins, whom this site does not have.
        "django": {"handlers": [], "level": "WARNING"},
        # What was refused is the sender's business; whoever likes could fill the log with it.
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "CRITICAL"},
    },
}
