"""Settings with the Redis layer, whose address comes from REDIS_URL."""

import os

SECRET_KEY = "known-to-everyone-who-reads-this-file"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["channels"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ROOT_URLCONF = "channels_redis_site.asgi"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # Without that line redis-py 8 gives up after 5 s of silence, and every consumer dies with it.
        "CONFIG": {"hosts": [{"address": os.environ["REDIS_URL"], "socket_timeout": None}]},
    }
}
USE_TZ = True
