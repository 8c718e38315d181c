"""The socket addresses of the stages: each stands where its page stands."""

from django.urls import path

from app01 import consumers

websocket_urlpatterns = [
    path("echo/", consumers.EchoConsumer.as_asgi()),
    path("list/", consumers.ListConsumer.as_asgi()),
    path("groups/<str:group>/", consumers.GroupConsumer.as_asgi()),
]
