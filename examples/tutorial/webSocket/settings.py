"""Settings of the tutorial project: every stage runs with these; `webSocket.problems` shows what breaks."""

import os
from pathlib import Path
from typing import Any

PROJECT_FOLDER = Path(__file__).resolve().parent.parent

DEBUG = True
# Good enough on your own machine; a site that others reach takes its key from the environment.
SECRET_KEY = os.environ.get("SECRET_KEY", "known-to-everyone-who-reads-this-file")
# Also the hosts whose pages may open a socket here: see AllowedHostsOriginValidator in asgi.py.
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

INSTALLED_APPS = [
    "daphne",  # first, so that `runserver` is daphne's and serves sockets
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "teahouse",  # stage 4
    "app01",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "webSocket.urls"
# Three parts: package, module, and the name of the application inside that module.
ASGI_APPLICATION = "webSocket.asgi.application"

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

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("TUTORIAL_DATABASE", str(PROJECT_FOLDER / "db.sqlite3")),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Stage 3. In memory, the members of a group hear each other within one process; through Redis, in all.
MEMORY_LAYER: dict[str, Any] = {"BACKEND": "channels.layers.InMemoryChannelLayer"}
REDIS_LAYER: dict[str, Any] = {
    "BACKEND": "channels_redis.core.RedisChannelLayer",
    "CONFIG": {
        "hosts": [
            {
                "address": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
                # The layer waits 5 s for the next message, and redis-py 8 gives up after 5 s too: without
                # this line every consumer dies that has heard nothing for so long.
                "socket_timeout": None,
            }
        ],
    },
}
CHANNEL_LAYERS = {
    "default": {"memory": MEMORY_LAYER, "redis": REDIS_LAYER}[os.environ.get("CHANNEL_LAYER", "memory")],
}

# Stage 4. Whose room it is, and who may open a new one, is for each site to say.
TEAHOUSE = {"POLICY": "app01.policy.EverybodyOpensRooms"}

# Stage 5. Django REST framework ignores a key that it doesn't know, so one S too many means the defaults.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}

STATIC_URL = "static/"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"app01": {"handlers": ["console"], "level": "INFO", "propagate": False}},
}
