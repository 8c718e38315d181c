"""Tests of `teahouse.addresses`: from where somebody comes, whatever the headers claim."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from teahouse.addresses import UNREADABLE, Proxies, address_of_request, address_of_scope, network_of, proxies

SHOP, PROXY, FAR_PROXY = "203.0.113.9", "10.0.0.1", "10.0.0.2"


def seen(peer: str | None, *forwarded: str, believed: Any = (), settings: Settings, **scope: Any) -> str:
    """The address of a socket with these headers."""
    settings.TEAHOUSE = {"PROXIES": believed}
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    client = None if peer is None else (peer, 50_000)
    return address_of_scope({"type": "websocket", "headers": headers, "client": client, **scope})


def test_what_a_stranger_says_of_its_address_is_ignored(settings: Settings) -> None:
    assert seen(SHOP, "198.51.100.1", settings=settings) == SHOP
    assert seen(SHOP, "198.51.100.1", believed=[PROXY], settings=settings) == SHOP
    assert seen(SHOP, f"198.51.100.1, {PROXY}", believed=[PROXY], settings=settings) == SHOP


def test_a_proxy_of_the_settings_is_believed(settings: Settings) -> None:
    assert seen(PROXY, SHOP, believed=[PROXY], settings=settings) == SHOP
    assert seen(PROXY, SHOP, believed="10.0.0.0/8", settings=settings) == SHOP
    assert seen(PROXY, believed=[PROXY], settings=settings) == PROXY


def test_what_looks_like_a_proxy_that_nobody_named_is_told_once(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    seen(PROXY, SHOP, believed=[PROXY], settings=settings)
    seen("93.184.216.34", SHOP, settings=settings)
    seen("10.0.0.77", settings=settings)
    assert caplog.text == ""
    for _ in range(2):
        seen("10.0.0.77", SHOP, settings=settings)
    (record,) = caplog.records
    assert '{"PROXIES": ["10.0.0.77"]}' in record.getMessage()
    assert SHOP not in record.getMessage()


@pytest.mark.parametrize(
    "forwarded",
    [
        [f"198.51.100.1, {SHOP}"],
        ["198.51.100.1", SHOP],
        [f"{FAR_PROXY}, 198.51.100.1, {SHOP}, {FAR_PROXY}"],
        [f"{FAR_PROXY},198.51.100.1,{SHOP}", FAR_PROXY],
        [f"  {SHOP}  "],
        [f"unknown, {SHOP}"],
        [f"{SHOP}:4711"],
        [f'"{SHOP}"'],
        [f"::ffff:{SHOP}"],
        [f"[::ffff:{SHOP}]:4711"],
        [f"{'x' * 10_000}, {SHOP}, {FAR_PROXY}"],
    ],
)
def test_the_last_one_before_the_proxies_is_who_came_whatever_stands_left_of_it(
    settings: Settings, forwarded: list[str]
) -> None:
    assert seen(PROXY, *forwarded, believed=["10.0.0.0/24"], settings=settings) == SHOP


@pytest.mark.parametrize("odd", ["unknown", "", "evil", "1.2.3", "999.1.1.1", "[", "_hidden", ":", "x" * 10_000, "é"])
def test_an_entry_that_is_no_address_is_not_passed_over(settings: Settings, odd: str) -> None:
    assert seen(PROXY, f"{SHOP}, {odd}", believed=[PROXY], settings=settings) == PROXY
    assert seen(PROXY, f"{SHOP}, {odd}, {FAR_PROXY}", believed=["10.0.0.0/24"], settings=settings) == FAR_PROXY


@pytest.mark.parametrize(
    "said",
    ["2001:db8:1:2::5", "[2001:db8:1:2::6]", "[2001:db8:1:2:3::7]:443", "2001:DB8:1:2::5%eth0", "2001:db8:1:2::"],
)
def test_of_ipv6_everybody_in_one_64_counts_as_one(settings: Settings, said: str) -> None:
    assert seen(PROXY, said, believed=[PROXY], settings=settings) == "2001:db8:1:2::/64"
    assert seen("::1", settings=settings) == "::1"
    assert seen(PROXY, "2001:db8:1:3::5", believed=[PROXY], settings=settings) == "2001:db8:1:3::/64"


def test_an_ipv4_address_in_ipv6s_clothes_is_that_address(settings: Settings) -> None:
    assert seen(f"::ffff:{SHOP}", settings=settings) == SHOP
    assert seen(f"::ffff:{PROXY}", SHOP, believed=[PROXY], settings=settings) == SHOP


def test_a_proxy_on_a_link_is_believed_whatever_its_zone(settings: Settings) -> None:
    assert seen("fe80::1%eth0", SHOP, believed=["fe80::/64"], settings=settings) == SHOP


def test_an_unix_socket_has_no_address_and_is_believed_by_its_word(settings: Settings) -> None:
    assert seen(None, SHOP, settings=settings) == ""
    assert seen(None, SHOP, believed=[PROXY], settings=settings) == ""
    assert seen(None, SHOP, believed=["unix"], settings=settings) == SHOP
    assert seen(None, f"{SHOP}, {PROXY}", believed=["unix", PROXY], settings=settings) == SHOP


def test_all_with_an_unreadable_address_count_as_one(settings: Settings) -> None:
    assert seen("testclient", SHOP, believed=[PROXY], settings=settings) == UNREADABLE


def test_what_uvicorn_believed_of_somebody_on_this_machine_is_not_believed_unasked(settings: Settings) -> None:
    on_this_machine = {"server": ("127.0.0.1", 8000)}
    assert seen(SHOP, SHOP, settings=settings, **on_this_machine) == "127.0.0.1"
    assert seen("unknown", "unknown", settings=settings, **on_this_machine) == "127.0.0.1"
    assert seen(SHOP, SHOP, believed=["127.0.0.1"], settings=settings, **on_this_machine) == SHOP
    assert seen(SHOP, SHOP, believed=[PROXY], settings=settings, server=("10.0.0.9", 8000)) == SHOP


def test_a_request_is_seen_from_where_a_socket_would_be(settings: Settings) -> None:
    settings.TEAHOUSE = {"PROXIES": [PROXY]}
    said = {"HTTP_X_FORWARDED_FOR": f"198.51.100.1, {SHOP}"}
    assert address_of_request(RequestFactory().get("/", REMOTE_ADDR=PROXY, **said)) == SHOP
    assert address_of_request(RequestFactory().get("/", REMOTE_ADDR=FAR_PROXY, **said)) == FAR_PROXY
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "client": (PROXY, 1)}
    headers = [(b"x-forwarded-for", SHOP.encode()), (b"x_forwarded_for", b"198.51.100.1")]
    assert address_of_request(ASGIRequest({**scope, "headers": headers}, None)) == SHOP


@given(
    real=st.ip_addresses(v=4, network="198.51.100.0/24").map(str),
    smuggled=st.lists(st.text(max_size=20) | st.ip_addresses().map(str) | st.just(PROXY), max_size=5),
    hops=st.lists(st.sampled_from([PROXY, FAR_PROXY]), max_size=3),
)
def test_nothing_that_a_client_writes_moves_it(real: str, smuggled: list[str], hops: list[str]) -> None:
    """A chain of believed proxies, each of which adds whom it got the request from."""
    written = ", ".join([*smuggled, real, *hops]).encode()
    scope = {"headers": [(b"x-forwarded-for", written)], "client": (PROXY, 1)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("teahouse.addresses.proxies", lambda: Proxies([PROXY, FAR_PROXY]))
        assert address_of_scope(scope) == real


@pytest.mark.parametrize(
    "word", ["proxy.example", "*", "10.0.0.1/8", "", "10.0.0", 7, None, "0.0.0.0/0", "::/0", "127.0.0.1:80"]
)
def test_a_setting_that_is_no_proxy_is_an_error_that_names_it_and_the_mend(settings: Settings, word: Any) -> None:
    settings.TEAHOUSE = {"PROXIES": [word]}
    with pytest.raises(ImproperlyConfigured) as refused:
        proxies()
    assert str(refused.value).startswith(f'TEAHOUSE["PROXIES"]: {word!r} ')
    assert "write" in str(refused.value)


def test_a_network_is_known_again_by_a_hash_that_tells_no_address(settings: Settings) -> None:
    known = network_of(SHOP)
    assert known == network_of(SHOP)
    assert len(known) == 32
    assert known != network_of("203.0.113.8")
    assert SHOP not in known
    network_of.cache_clear()
    settings.SECRET_KEY = "another key"
    assert network_of(SHOP) != known
    network_of.cache_clear()


@pytest.mark.parametrize("address", ["", UNREADABLE, "127.0.0.1", "127.8.0.1", "::1"])
def test_an_address_that_says_nothing_of_who_comes_is_no_network(address: str) -> None:
    assert network_of(address) == ""
