"""The application: one route with the group in it, as the tutorial has it (and no origin check, which it lacks)."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutorial.settings")
pages = get_asgi_application()

# Consumers are imported when Django is set up.
from tutorial.consumers import GroupConsumer  # noqa: E402

urlpatterns: list[object] = []
sockets = URLRouter([re_path(r"ws/(?P<group>\w+)/$", GroupConsumer.as_asgi())])
application = ProtocolTypeRouter({"http": pages, "websocket": sockets})
