"""Tests of `teahouse.origins`: which pages may open a socket, and whose cookies count."""

from typing import Any

import pytest
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from django.test import override_settings
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
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


def test_an_origin_of_another_scheme_is_let_in_where_the_host_trusts_just_that_one(settings: Settings) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["capacitor://localhost"]
    assert is_page("capacitor://localhost", "tea.example")
    with pytest.raises(OriginRefused):
        is_page("capacitor://elsewhere", "tea.example")


def test_an_ipv6_address_is_this_site_by_its_port(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["[2001:db8::1]"]
    assert is_page("http://[2001:db8::1]:4000", "[2001:db8::1]:4000")
    assert is_page("https://[2001:db8::1]", "[2001:db8::1]", "wss")
    with pytest.raises(OriginRefused):
        is_page("http://[2001:db8::1]:4001", "[2001:db8::1]:4000")


def test_a_proxy_that_says_https_makes_an_http_page_a_foreign_one(settings: Settings) -> None:
    said = {"host": "tea.example", "x-forwarded-proto": "https"}
    assert check_origin({**said, "origin": "http://tea.example"}, "ws")
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert check_origin({**said, "origin": "https://tea.example"}, "ws")
    with pytest.raises(OriginRefused):
        check_origin({**said, "origin": "http://tea.example"}, "ws")


def test_the_host_that_a_proxy_passes_on_counts_only_where_the_settings_say_so(settings: Settings) -> None:
    headers = {"host": "inside.example", "x-forwarded-host": "tea.example", "origin": "http://tea.example"}
    with pytest.raises(OriginRefused):
        check_origin(headers, "ws")
    settings.USE_X_FORWARDED_HOST = True
    assert check_origin(headers, "ws")


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
        pytest.param("http://evil.example@tea.example", "tea.example", "ws", id="no browser's origin has a user"),
        pytest.param("http://friend.example", "tea.example", "ws", id="a trusted site without its TLS"),
        pytest.param("https://evilfriends.example", "tea.example", "ws", id="an end of a trusted name"),
        pytest.param("file://", "tea.example", "ws", id="a file"),
        pytest.param("chrome-extension://tea.example", "tea.example", "ws", id="an extension"),
        pytest.param("http://tea.example:port", "tea.example", "ws", id="an odd port"),
        pytest.param("http://[::1", "localhost", "ws", id="an odd address"),
        pytest.param("http://", "tea.example", "ws", id="no host"),
        pytest.param("http://tea.example,http://tea.example", "tea.example", "ws", id="two origins"),
        pytest.param("http://tea.example", "tea.example,tea.example", "ws", id="two hosts"),
        pytest.param("http://[2001:db8::2]:4000", "[2001:db8::1]:4000", "ws", id="another IPv6 address"),
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


def test_the_refusal_lists_what_would_have_been_let_in() -> None:
    with pytest.raises(OriginRefused) as refused:
        is_page("http://evil.example", "tea.example:8000")
    ours = "'http://tea.example:8000' or 'https://tea.example:8000'"
    assert f"expected {ours} or 'https://friend.example' or 'https://*.friends.example'" in refused.value.text
    with pytest.raises(OriginRefused) as refused:
        is_page("http://tea.example", "tea.example", "wss")
    assert "expected 'https://tea.example' or 'https://friend" in refused.value.text


def test_a_host_that_is_not_allowed_is_not_said_to_be_expected(settings: Settings) -> None:
    settings.CSRF_TRUSTED_ORIGINS = []
    with pytest.raises(OriginRefused) as refused:
        is_page("http://rebound.example", "rebound.example")
    assert "expected none, for ALLOWED_HOSTS lacks that host" in refused.value.text


def test_a_refusal_quotes_no_more_than_a_line_of_what_was_sent(settings: Settings) -> None:
    with pytest.raises(OriginRefused) as refused:
        is_page("http://" + "e" * 10_000, "h" * 10_000)
    assert len(refused.value.text) < 1000
    settings.ALLOWED_HOSTS = ["*"]
    settings.CSRF_TRUSTED_ORIGINS = [f"https://{number}.friends.example" for number in range(100)]
    with pytest.raises(OriginRefused, match="or 94 more;") as refused:
        is_page("http://" + "e" * 10_000, "h" * 10_000)
    assert len(refused.value.text) < 1500


def test_headers_and_cookies_are_read_as_a_server_hands_them_on() -> None:
    scope: dict[str, Any] = {"headers": [(b"Cookie", b'a=1; b="two"; =; c'), (b"ORIGIN", b"http://caf\xe9.example")]}
    headers = headers_of(scope)
    assert headers["origin"] == "http://café.example"
    assert {"a": "1", "b": "two"}.items() <= cookies_of(headers).items()
    assert headers_of({}) == {}
    twice = {"headers": [(b"origin", b"http://a"), (b"cookie", b"a=1"), (b"Origin", b"http://b"), (b"cookie", b"b=2")]}
    assert headers_of(twice)["origin"] == "http://a,http://b"
    assert cookies_of(headers_of(twice)) == {"a": "1", "b": "2"}
    assert cookies_of({}) == {}


OURS = ["tea.example", "Tea.Example", "tea.example.", "green.leaf.example", "localhost", "127.0.0.1", "[::1]"]
OTHERS = ["leaf.example", "friend.example", "dear.friends.example", "friends.example", "evilfriends.example", "a,b", ""]
HOSTS = st.sampled_from([*OURS, *OTHERS])
PORTS = st.sampled_from(["", ":80", ":443", ":8000", ":8443", ":", ":x"])
PLACES = st.builds(str.__add__, HOSTS, PORTS)
SCHEMES = st.sampled_from(["http://", "https://", "app://", ""])
SAME = "the asked host"
ORIGINS = st.builds(str.__add__, SCHEMES, st.just(SAME) | PLACES) | st.just("null")
SAYS_HTTPS = ("HTTP_X_FORWARDED_PROTO", "https")
SITES = st.fixed_dictionaries(
    {
        "ALLOWED_HOSTS": st.lists(
            st.sampled_from(["tea.example", ".leaf.example", "localhost", "[::1]", "*"]), max_size=3
        ),
        "CSRF_TRUSTED_ORIGINS": st.lists(
            st.sampled_from(
                [
                    "https://friend.example",
                    "https://*.friends.example",
                    "http://*.friends.example:8000",
                    "app://tea.example",
                ]
            ),
            max_size=2,
        ),
        "SECURE_PROXY_SSL_HEADER": st.sampled_from([None, SAYS_HTTPS]),
        "USE_X_FORWARDED_HOST": st.booleans(),
    }
)


def django_judges(headers: dict[str, str], scheme: str) -> tuple[bool, bool]:
    """What Django's own check says of a form that comes with the same headers, and whether it came encrypted."""
    request = HttpRequest()
    request._get_scheme = lambda: "https" if scheme == "wss" else "http"  # type: ignore[method-assign]
    request.META = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    request.META |= {"SERVER_NAME": "", "SERVER_PORT": "0"}
    check: Any = CsrfViewMiddleware(lambda request: None)  # type: ignore[arg-type, return-value]
    return bool(check._origin_verified(request)), request.is_secure()


@given(
    site=SITES,
    origin=ORIGINS,
    host=PLACES,
    scheme=st.sampled_from(["ws", "wss"]),
    said=st.fixed_dictionaries(
        {},
        optional={
            "x-forwarded-host": PLACES,
            "x-forwarded-proto": st.sampled_from(["https", "http", "https, http", "HTTPS"]),
        },
    ),
)
@examples(max_examples=400)
@example(
    site={"ALLOWED_HOSTS": ["*"], "CSRF_TRUSTED_ORIGINS": [], "SECURE_PROXY_SSL_HEADER": SAYS_HTTPS},
    origin="http://tea.example",
    host="tea.example",
    scheme="ws",
    said={"x-forwarded-proto": "https, http"},
)
@example(
    site={"ALLOWED_HOSTS": ["*"], "CSRF_TRUSTED_ORIGINS": []},
    origin="https://tea.example",
    host="tea.example",
    scheme="ws",
    said={},
)
def test_what_djangos_own_check_lets_in_gets_in_and_else_only_the_same_host_by_another_spelling(
    site: dict[str, Any], origin: str, host: str, scheme: str, said: dict[str, str]
) -> None:
    asked = said.get("x-forwarded-host", host) if site.get("USE_X_FORWARDED_HOST") else host
    origin = origin.replace(SAME, asked)
    headers = {"origin": origin, "host": host, **said}
    with override_settings(**site):
        try:
            ours = check_origin(headers, scheme)
        except OriginRefused:
            ours = False
        lets_in, is_secure = django_judges(headers, scheme)
        if lets_in:
            assert ours
        elif ours:
            loopback = {"localhost", "127.0.0.1", "[::1]"}
            of_page, of_site = (name_of(place) for place in (origin.partition("://")[2], asked))
            assert of_page == of_site or {of_page, of_site} <= loopback
            assert not (is_secure and origin.startswith("http://"))


def name_of(place: str) -> str:
    """The host of a place, in one spelling."""
    return (place.rpartition(":")[0] if not place.endswith("]") and ":" in place else place).lower()
