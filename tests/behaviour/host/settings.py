"""Settings of the behaviour tests' host: a small site with Teahouse in it; HOST_… variables say what it stands on."""

import json
import os
from typing import Any

from tests.settings.common import *  # noqa: F403
from tests.settings.common import INSTALLED_APPS

# A path of an SQLite file, or a postgresql:// URL as tests/servers/postgres.py gives them.
DATABASE = os.environ["HOST_DATABASE"]
REDIS = os.environ.get("HOST_REDIS", "")
PREFIX = os.environ.get("HOST_PREFIX", "")

ALLOWED_HOSTS = os.environ.get("HOST_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
INSTALLED_APPS = [*INSTALLED_APPS, "tests.behaviour.host"]
ROOT_URLCONF = "tests.behaviour.host.urls"
TEAHOUSE = {
    "POLICY": "tests.behaviour.host.policy.HostPolicy",
    # tests/doctor has the look at the start; here it would be memory and time of what is measured.
    "DOCTOR": False,
    **json.loads(os.environ.get("HOST_TEAHOUSE", "{}")),
}


def database() -> dict[str, Any]:
    if DATABASE.startswith("postgresql://"):
        place, _, name = DATABASE.removeprefix("postgresql://").partition("/")
        user, _, address = place.partition("@")
        host, _, port = address.partition(":")
        return {"ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": user, "HOST": host, "PORT": port}
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATABASE,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": float(os.environ.get("HOST_BUSY_SECONDS", "20")),
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + os.environ.get("HOST_PRAGMA", ""),
        },
    }


# redis-py 8 gives a silent connection up after 5 seconds, which ends a doorbell of the core layer.
REDIS_HOST = {"address": REDIS, "socket_timeout": None}
LAYERS: dict[str, dict[str, Any]] = {
    "memory": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
    "core": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_HOST]}},
    "pubsub": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_HOST]}},
    "lying": {"BACKEND": "tests.behaviour.host.layers.LyingLayer", "CONFIG": {"hosts": [REDIS_HOST]}},
    "silent": {"BACKEND": "tests.behaviour.host.layers.SilentLayer", "CONFIG": {"hosts": [REDIS_HOST]}},
}

DATABASES = {"default": database()}
CHANNEL_LAYERS = {"default": LAYERS[os.environ.get("HOST_LAYER", "memory")]}

# The server's own loggers say what is of their transport; everything else says all that it can.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("HOST_LOG_LEVEL", "INFO")},
}
