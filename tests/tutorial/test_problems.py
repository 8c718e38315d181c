"""The tutorial's first two problems, brought about and seen. The third is in test_tokens.py."""

from collections.abc import Callable

import httpx
import pytest

from tests.servers.processes import ServerProcess


def test_an_application_of_an_unknown_package_keeps_the_server_from_starting(
    serve_tutorial: Callable[..., ServerProcess],
) -> None:
    with pytest.raises(RuntimeError) as failure:
        serve_tutorial("runserver", DJANGO_SETTINGS_MODULE="webSocket.problems.application_not_found")

    assert "Cannot import ASGI_APPLICATION module 'MSF.asgi'" in str(failure.value)


def test_naming_a_module_as_application_starts_and_answers_every_request_with_500(
    serve_tutorial: Callable[..., ServerProcess],
) -> None:
    server = serve_tutorial("runserver", DJANGO_SETTINGS_MODULE="webSocket.problems.application_is_a_module")

    for path in ["/", "/echo/", "/nowhere/"]:
        assert httpx.get(server.url + path, trust_env=False).status_code == 500
    assert "TypeError: 'module' object is not callable" in server.log
