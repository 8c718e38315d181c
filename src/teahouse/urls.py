"""The addresses of the pages and of the HTTP edge; a host includes them under any prefix."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from teahouse.api.views import commands
from teahouse.web.room_views import about, message, person, trail
from teahouse.web.views import enter_by_code, lobby, nickname, room


class RoomNameConverter(StringConverter):
    """Takes anything at all, so that a name which cannot be a room's is told so instead of not being found."""

    regex = r"(?s:.+)"


register_converter(RoomNameConverter, "teahouse_room")

app_name = "teahouse"
urlpatterns = [
    path("", lobby, name="lobby"),
    path("room/<teahouse_room:name>/", room, name="room"),
    path("enter/", enter_by_code, name="enter"),
    # What stands in a room first: the name of a room takes whatever is left.
    path("about/<teahouse_room:name>/person/<str:uid>/", person, name="person"),
    path("about/<teahouse_room:name>/message/<int:seq>/", message, name="message"),
    path("about/<teahouse_room:name>/trail/", trail, name="trail"),
    path("about/<teahouse_room:name>/", about, name="about"),
    path("nickname/", nickname, name="nickname"),
    path("api/v1/", commands, name="commands"),
]
