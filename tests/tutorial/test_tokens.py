"""Stage 5: what the token API answers with its keys spelt right, and with one S too many."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.servers.processes import ServerProcess
from tests.tutorial.conftest import PASSWORD, USERNAME

CREDENTIALS = {"username": USERNAME, "password": PASSWORD}
MISSPELT = ["webSocket.problems.misspelt_keys", "webSocket.problems.misspelt_keys_without_csrf"]


@pytest.fixture
def api(server: ServerProcess) -> Iterator[httpx.Client]:
    """A caller of the project with its keys spelt right."""
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


@pytest.fixture(params=MISSPELT)
def misspelt_api(
    request: pytest.FixtureRequest, serve_tutorial: Callable[..., ServerProcess]
) -> Iterator[httpx.Client]:
    """A caller of the project with misspelt keys, with the CSRF middleware and without."""
    server = serve_tutorial("runserver", DJANGO_SETTINGS_MODULE=request.param)
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


def log_in(client: httpx.Client) -> dict[str, str]:
    """The header that a logged-in caller sends."""
    response = client.post("/api/v1/token/login/", data=CREDENTIALS)
    assert response.status_code == 200, response.text
    return {"Authorization": f"Token {response.json()['token']}"}


def log_in_with_session(client: httpx.Client) -> None:
    """Log in as a browser does at the admin, which leaves a session cookie."""
    client.get("/admin/login/")
    form = {**CREDENTIALS, "csrfmiddlewaretoken": client.cookies.get("csrftoken", "")}
    response = client.post("/admin/login/?next=/", data=form)
    assert response.status_code == 302, response.text


def test_a_token_opens_the_api_until_its_logout(api: httpx.Client) -> None:
    token = log_in(api)
    assert api.get("/api/v1/me/", headers=token).json() == {"username": USERNAME}

    logout = api.post("/api/v1/token/logout/", headers=token)

    assert logout.status_code == 200
    assert api.get("/api/v1/me/", headers=token).status_code == 401


def test_without_a_token_the_api_says_401_and_how_to_log_in(api: httpx.Client) -> None:
    response = api.get("/api/v1/me/")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Token"


def test_a_wrong_password_gets_no_token(api: httpx.Client) -> None:
    response = api.post("/api/v1/token/login/", data={**CREDENTIALS, "password": "coffee"})

    assert response.status_code == 400
    assert "token" not in response.json()


def test_a_session_alone_is_not_asked_for_csrf_because_it_opens_nothing(api: httpx.Client) -> None:
    log_in_with_session(api)

    assert api.post("/api/v1/token/logout/").status_code == 401


def test_misspelt_keys_refuse_the_token_and_open_the_rest(misspelt_api: httpx.Client) -> None:
    token = log_in(misspelt_api)

    logout = misspelt_api.post("/api/v1/token/logout/", headers=token)
    assert (logout.status_code, logout.json()["detail"]) == (
        403,
        "Authentication credentials were not provided.",
    )
    # Nobody is asked who they are: the view that leans on the defaults answers everyone.
    assert misspelt_api.get("/api/v1/me/").json() == {"username": ""}

    # With the middleware or without: REST framework checks CSRF for sessions by itself.
    log_in_with_session(misspelt_api)
    logout = misspelt_api.post("/api/v1/token/logout/")
    assert logout.status_code == 403
    assert logout.json()["detail"].startswith("CSRF Failed: ")
