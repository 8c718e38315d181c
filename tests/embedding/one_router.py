"""The club's application with one router for all sockets, the chat's among them, as docs/embedding.md shows it."""

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from club.consumers import Places
from django.core.asgi import get_asgi_application
from django.urls import path

from teahouse.routing import websocket_urlpatterns

application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": AuthMiddlewareStack(
            URLRouter(
                [
                    path("chat/", URLRouter(websocket_urlpatterns)),
                    path("places/<int:walk>/", AllowedHostsOriginValidator(Places.as_asgi())),
                ]
            )
        ),
    }
)
