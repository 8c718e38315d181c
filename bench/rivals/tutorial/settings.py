"""Settings as the tutorial writes them, less what no socket meets."""

DEBUG = False
SECRET_KEY = "known-to-everyone-who-reads-this-file"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["daphne", "channels"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ROOT_URLCONF = "tutorial.asgi"
ASGI_APPLICATION = "tutorial.asgi.application"
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
USE_TZ = True
