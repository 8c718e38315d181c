"""What a page of the site may load, run and talk to."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from teahouse_site.headers import content_security_policy


def _policy_of(response: object) -> dict[str, str]:
    header: str = response.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    return dict(part.strip().split(" ", 1) for part in header.split(";"))


def _answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def test_no_script_or_style_of_a_page_itself_runs() -> None:
    policy = _policy_of(content_security_policy(_answer)(RequestFactory().get("/")))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in str(policy)


def test_a_page_talks_to_its_own_host_alone() -> None:
    policy = _policy_of(content_security_policy(_answer)(RequestFactory().get("/")))
    assert policy["connect-src"] == "'self' ws://testserver wss://testserver"


@pytest.mark.parametrize("host", ["evil.example", "a b", "[::1]:4000", "x;script-src *"])
def test_a_strange_host_says_nothing_in_the_policy(settings: Settings, host: str) -> None:
    settings.ALLOWED_HOSTS = ["[::1]"]
    policy = _policy_of(content_security_policy(_answer)(RequestFactory().get("/", headers={"Host": host})))
    assert policy["connect-src"] == "'self'"


async def test_it_serves_asynchronous_sites_too() -> None:
    async def answer(request: HttpRequest) -> HttpResponse:
        return _answer(request)

    response = await content_security_policy(answer)(RequestFactory().get("/"))  # type: ignore[misc]
    assert _policy_of(response)["default-src"] == "'none'"


def test_a_view_may_say_its_own_policy() -> None:
    def own(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Content-Security-Policy": "sandbox"})

    response = content_security_policy(own)(RequestFactory().get("/"))
    assert response.headers["Content-Security-Policy"] == "sandbox"  # type: ignore[union-attr]
