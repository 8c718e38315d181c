"""The application: one route with the group in it."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "channels_redis_site.settings")
pages = get_asgi_application()

# Consumers are imported when Django is set up.
from channels_redis_site.consumers import GroupConsumer  # noqa: E402

urlpatterns: list[object] = []
sockets = URLRouter([path("ws/<str:group>/", GroupConsumer.as_asgi())])
application = ProtocolTypeRouter({"http": pages, "websocket": sockets})
