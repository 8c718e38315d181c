"""What the TEAHOUSE_… variables mean."""

from pathlib import Path

import pytest

from teahouse_site import environment

DATA = Path("/somewhere")


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BIND", "HOSTS", "LIMITS", "ORIGINS", "PROXIES"):
        monkeypatch.delenv(f"TEAHOUSE_{name}", raising=False)


def test_without_a_database_named_it_is_sqlite_that_survives_a_power_cut() -> None:
    database = environment.database(None, DATA)
    assert database["NAME"] == DATA / "db.sqlite3"
    options = database["OPTIONS"]
    assert "journal_mode=WAL" in options["init_command"]
    assert "synchronous=FULL" in options["init_command"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20


def test_a_postgresql_url_is_taken_apart_and_decoded() -> None:
    database = environment.database("postgresql://an%40n:p%2Fw@db.example:5433/tea%20house?sslmode=require", DATA)
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert [database[part] for part in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "an@n", "p/w", "db.example", "5433", "tea house",
    ]  # fmt: skip
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["CONN_MAX_AGE"] == 0


def test_a_short_postgresql_url_leaves_the_rest_to_its_defaults() -> None:
    database = environment.database("postgres:///tea?host=/run/postgresql", DATA)
    assert (database["NAME"], database["HOST"], database["PORT"]) == ("tea", "", "")
    assert database["OPTIONS"]["host"] == "/run/postgresql"


def test_another_database_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="TEAHOUSE_DATABASE begins with 'mysql'"):
        environment.database("mysql://localhost/tea", DATA)


def test_a_redis_url_is_the_layer_between_processes_and_a_quiet_chat_does_not_end_it() -> None:
    layer = environment.channel_layer("redis://127.0.0.1:6379/3")
    assert layer["BACKEND"] == "channels_redis.pubsub.RedisPubSubChannelLayer"
    assert layer["CONFIG"]["hosts"] == [{"address": "redis://127.0.0.1:6379/3", "socket_timeout": None}]
    assert environment.channel_layer(None)["BACKEND"] == "channels.layers.InMemoryChannelLayer"


@pytest.mark.parametrize(
    ("bind", "hosts", "allowed"),
    [
        (None, "", []),
        ("127.0.0.1", "", ["127.0.0.1"]),
        ("192.168.1.5", "", ["192.168.1.5"]),
        ("fe80::1", "", ["[fe80::1]"]),
        ("0.0.0.0", "", []),
        ("::", "chat.example, tea.example ,", ["chat.example", "tea.example"]),
    ],
)
def test_a_site_answers_to_this_machines_names_and_those_it_was_told(
    monkeypatch: pytest.MonkeyPatch, bind: str | None, hosts: str, allowed: list[str]
) -> None:
    if bind:
        monkeypatch.setenv("TEAHOUSE_BIND", bind)
    monkeypatch.setenv("TEAHOUSE_HOSTS", hosts)
    assert environment.allowed_hosts() == ["localhost", "127.0.0.1", "[::1]", *allowed]


@pytest.mark.parametrize(
    ("bind", "variables", "only"),
    [
        ("127.0.0.1", {}, True),
        ("localhost", {}, True),
        ("::1", {}, True),
        (None, {}, False),
        ("0.0.0.0", {}, False),
        ("192.168.1.5", {}, False),
        # Behind a proxy a site is bound to loopback too, and everybody comes.
        ("127.0.0.1", {"TEAHOUSE_HOSTS": "chat.example"}, False),
        ("127.0.0.1", {"TEAHOUSE_ORIGINS": "https://chat.example"}, False),
    ],
)
def test_only_a_site_that_nobody_else_reaches_is_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, bind: str | None, variables: dict[str, str], only: bool
) -> None:
    for name, value in {**variables, **({"TEAHOUSE_BIND": bind} if bind else {})}.items():
        monkeypatch.setenv(name, value)
    assert environment.only_this_machine() is only


@pytest.mark.parametrize(
    ("origins", "only"),
    [("", False), ("https://a.example", True), ("https://a.example,http://b.example", False)],
)
def test_cookies_are_kept_to_https_where_all_origins_are(
    monkeypatch: pytest.MonkeyPatch, origins: str, only: bool
) -> None:
    monkeypatch.setenv("TEAHOUSE_ORIGINS", origins)
    assert environment.https_only() is only


@pytest.mark.parametrize(("said", "is_on"), [(None, True), ("", True), ("on", True), ("off", False)])
def test_limits_are_on_unless_they_are_turned_off(
    monkeypatch: pytest.MonkeyPatch, said: str | None, is_on: bool
) -> None:
    if said is not None:
        monkeypatch.setenv("TEAHOUSE_LIMITS", said)
    assert environment.is_on("TEAHOUSE_LIMITS") is is_on


@pytest.mark.parametrize("said", ["no", "0", "OFF", "false"])
def test_what_is_neither_on_nor_off_is_refused_with_the_choices(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("TEAHOUSE_LIMITS", said)
    with pytest.raises(ValueError, match=f"TEAHOUSE_LIMITS is '{said}'; write on or off"):
        environment.is_on("TEAHOUSE_LIMITS")


@pytest.mark.parametrize("said", ["", "127.0.0.1", "10.0.0.0/8, ::1,unix"])
def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("TEAHOUSE_PROXIES", said)
    assert environment.proxies() == [word.strip() for word in said.split(",") if word]


@pytest.mark.parametrize("said", ["*", "proxy.example", "127.0.0.1, 10.0.0.1/8"])
def test_a_proxy_that_is_no_address_is_refused_with_the_mend(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("TEAHOUSE_PROXIES", said)
    with pytest.raises(ValueError, match=r"^TEAHOUSE_PROXIES: '.*' is no proxy's address; write an address"):
        environment.proxies()
