"""The club's site as an ASGI application: pages, the club's own socket, and Teahouse's sockets in front of both."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from club.consumers import Places
from django.core.asgi import get_asgi_application
from django.urls import path

from teahouse.routing import with_chat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ridgeway.settings")

own_sockets = URLRouter([path("places/<int:walk>/", Places.as_asgi())])
router = ProtocolTypeRouter(
    {"http": get_asgi_application(), "websocket": AllowedHostsOriginValidator(own_sockets)},
)
application = with_chat(router)  # Teahouse, line 3 of 3
