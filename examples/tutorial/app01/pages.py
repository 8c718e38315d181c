"""The pages of the stages: HTML without inline script, so that a strict Content-Security-Policy holds."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

ROOMS_TO_TRY = ["admin", "群聊", "tea & cake"]


def index(request: HttpRequest) -> HttpResponse:
    return _page(request, "app01/index.html", rooms=ROOMS_TO_TRY)


def echo(request: HttpRequest) -> HttpResponse:
    return _page(request, "app01/stage.html", title="1. Echo")


def module_list(request: HttpRequest) -> HttpResponse:
    return _page(request, "app01/stage.html", title="2. A list")


def groups(request: HttpRequest, group: str) -> HttpResponse:
    return _page(request, "app01/stage.html", title=f"3. Group: {group}")


def teahouse(request: HttpRequest, address: str, group: str) -> HttpResponse:
    socket = f"/{address}/{quote(group, safe='')}/"
    return _page(request, "app01/stage.html", title=f"4. Teahouse: {group}", socket=socket)


def account(request: HttpRequest) -> HttpResponse:
    return _page(request, "app01/account.html", title="5. Token login")


def _page(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    response = render(request, template, context)
    response["Content-Security-Policy"] = "default-src 'self'"
    return response
