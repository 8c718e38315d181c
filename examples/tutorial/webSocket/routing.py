"""The socket addresses of the stages: each stands where its page stands."""

from app01 import consumers
from django.urls import path

websocket_urlpatterns = [
    path("echo/", consumers.EchoConsumer.as_asgi()),
    path("list/", consumers.ListConsumer.as_asgi()),
    path("groups/<str:group>/", consumers.GroupConsumer.as_asgi()),
]
