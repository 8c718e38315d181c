"""Tests of `teahouse.origins`: which pages may open a socket, and whose cookies count."""

from typing import Any

import pytest
from pytest_django import Settings

from teahouse.errors import OriginRefused
from teahouse.origins import check_origin, cookies_of, headers_of


@pytest.fixture(autouse=True)
def hosts(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["tea.example", ".leaf.example", "localhost", "127.0.0.1", "[::1]"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://friend.example", "https://*.friends.example"]


def is_page(origin: str | None, host: str, scheme: str = "ws") -> bool:
    """Whether it is a page of this site; raises OriginRefused for a foreign one."""
    headers = {"host": host} if origin is None else {"host": host, "origin": origin}
    return check_origin(headers, scheme)


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://tea.example", "tea.example", "ws"),
        ("http://tea.example:80", "tea.example", "ws"),
        ("http://tea.example", "tea.example:80", "ws"),
        ("http://tea.example:8000", "tea.example:8000", "ws"),
        ("http://TEA.example:8000", "Tea.Example:8000", "ws"),
        ("https://tea.example", "tea.example", "wss"),
        ("https://tea.example", "tea.example:443", "wss"),
        ("https://tea.example:8443", "tea.example:8443", "wss"),
        ("http://green.leaf.example", "green.leaf.example", "ws"),
    ],
)
def test_a_page_of_the_same_host_and_port_is_this_site(origin: str, host: str, scheme: str) -> None:
    assert is_page(origin, host, scheme)


@pytest.mark.parametrize(
    ("origin", "host"), [("https://tea.example", "tea.example"), ("https://tea.example:8443", "tea.example:8443")]
)
def test_an_https_page_is_this_site_behind_a_proxy_that_ends_tls(origin: str, host: str) -> None:
    assert is_page(origin, host, "ws")


@pytest.mark.parametrize("page", ["localhost", "127.0.0.1", "[::1]"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_the_three_names_of_loopback_are_one(page: str, host: str) -> None:
    assert is_page(f"http://{page}:4000", f"{host}:4000")
    assert is_page(f"http://{page}", host)
    with pytest.raises(OriginRefused):
        is_page(f"http://{page}:4001", f"{host}:4000")


@pytest.mark.parametrize("origin", ["https://friend.example", "https://dear.friends.example"])
def test_a_trusted_origin_is_let_in(origin: str) -> None:
    assert is_page(origin, "tea.example", "wss")
    assert is_page(origin, "tea.example", "ws")


def test_no_origin_is_no_page_so_cookies_prove_nothing() -> None:
    assert not is_page(None, "tea.example")
    assert not is_page(None, "elsewhere.example")


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        pytest.param("http://evil.example", "tea.example", "ws", id="another site"),
        pytest.param("null", "tea.example", "ws", id="a sandboxed page"),
        pytest.param("", "tea.example", "ws", id="empty"),
        pytest.param("http://tea.example:8001", "tea.example:8000", "ws", id="another port"),
        pytest.param("http://tea.example", "tea.example:8000", "ws", id="the default port"),
        pytest.param("http://tea.example:8000", "tea.example", "ws", id="a port where none was asked for"),
        pytest.param("https://tea.example:8443", "tea.example", "ws", id="another port behind a proxy"),
        pytest.param("http://tea.example", "tea.example", "wss", id="a page that anybody may have changed on its way"),
        pytest.param("http://tea.example:443", "tea.example", "wss", id="http on the port of https"),
        pytest.param("http://green.leaf.example", "leaf.example", "ws", id="a subdomain"),
        pytest.param("http://leaf.example", "green.leaf.example", "ws", id="a domain above"),
        pytest.param("http://tea.example.evil.example", "tea.example", "ws", id="a longer name"),
        pytest.param("http://eviltea.example", "tea.example", "ws", id="a name with the same end"),
        pytest.param("http://tea.example@evil.example", "tea.example", "ws", id="a name before the host"),
        pytest.param("http://friend.example", "tea.example", "ws", id="a trusted site without its TLS"),
        pytest.param("https://evilfriends.example", "tea.example", "ws", id="an end of a trusted name"),
        pytest.param("file://", "tea.example", "ws", id="a file"),
        pytest.param("chrome-extension://tea.example", "tea.example", "ws", id="an extension"),
        pytest.param("http://tea.example:port", "tea.example", "ws", id="an odd port"),
        pytest.param("http://[::1", "localhost", "ws", id="an odd address"),
        pytest.param("http://", "tea.example", "ws", id="no host"),
    ],
)
def test_a_foreign_page_is_refused(origin: str, host: str, scheme: str) -> None:
    with pytest.raises(OriginRefused):
        is_page(origin, host, scheme)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:4000", "", "tea.example.evil.example", "[::2]:4000", ":"]
)
def test_a_name_that_was_made_to_point_here_is_not_this_site(host: str) -> None:
    with pytest.raises(OriginRefused):
        is_page(f"http://{host}", host)


@pytest.mark.parametrize("allowed", [[], ["*"]])
def test_while_debugging_a_rebound_name_is_refused_and_loopback_is_not(settings: Settings, allowed: list[str]) -> None:
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = allowed
    assert is_page("http://localhost:8000", "127.0.0.1:8000")
    if not allowed:
        with pytest.raises(OriginRefused):
            is_page("http://evil.example", "evil.example")


def test_every_host_allowed_still_lets_no_other_page_in(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert is_page("http://any.example", "any.example")
    with pytest.raises(OriginRefused):
        is_page("http://evil.example", "any.example")


def test_the_refusal_names_both_sites_and_where_to_name_the_page() -> None:
    with pytest.raises(OriginRefused) as refused:
        is_page("http://evil.example", "tea.example")
    for part in ("http://evil.example", "tea.example", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS"):
        assert part in refused.value.text


def test_a_refusal_quotes_no_more_than_a_line_of_what_was_sent() -> None:
    with pytest.raises(OriginRefused) as refused:
        is_page("http://" + "e" * 10_000, "h" * 10_000)
    assert len(refused.value.text) < 1000


def test_headers_and_cookies_are_read_as_a_server_hands_them_on() -> None:
    scope: dict[str, Any] = {"headers": [(b"Cookie", b'a=1; b="two"; =; c'), (b"ORIGIN", b"http://caf\xe9.example")]}
    headers = headers_of(scope)
    assert headers["origin"] == "http://café.example"
    assert {"a": "1", "b": "two"}.items() <= cookies_of(headers).items()
    assert headers_of({}) == {}
    assert cookies_of({}) == {}
