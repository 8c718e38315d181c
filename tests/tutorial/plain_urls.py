"""The tutorial's addresses, and a beginner's page at the same origin; used by plain_settings.py."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import path
from webSocket.urls import urlpatterns as stages

HTML = Path(__file__).with_name("plain_page.html").read_text()


def plain_page(request: HttpRequest, address: str, room: str) -> HttpResponse:
    """The page as it stands, with this host and the address that the test asks for written into it."""
    filled = HTML.replace("HOST", request.get_host()).replace("ADDRESS", address).replace("ROOM", room)
    return HttpResponse(filled)


urlpatterns = [path("plain/<str:address>/<str:room>/", plain_page), *stages]
