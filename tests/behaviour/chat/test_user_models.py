"""A host's users may have any primary key: a UUID or a text stands wherever a number would."""

from pathlib import Path
from typing import Any

import pytest

from tests.behaviour.chat.programs import Begin
from tests.behaviour.conftest import host_environment, manage

USER_SETTINGS = "tests.behaviour.chat.user_settings"


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return str(tmp_path / "users.sqlite3")
    return str(request.getfixturevalue("postgres_database").url)


@pytest.mark.parametrize("model", ["users.UuidUser", "users.StringUser"])
def test_users_with_any_primary_key_talk_and_are_known_by_their_tokens(begin: Begin, place: str, model: str) -> None:
    environment = {**host_environment(place), "DJANGO_SETTINGS_MODULE": USER_SETTINGS, "USER_MODEL": model}
    manage(environment, "migrate", "--run-syncdb", "--verbosity=0")

    found: dict[str, Any] = begin("talk_as_users", environment).facts()

    assert found.pop("said") == [[1, "ann+茶", "outside"], [2, "bob/'%s\"", "inside"]]
    assert found.pop("authors") == [True, False], "the deleted user's person stays, without the user"
    assert set(found.pop("odd keys are bad")) == {True}
    assert found == dict.fromkeys(
        ("same person", "user of the person", "by token", "token of a gone user is bad"), True
    )
