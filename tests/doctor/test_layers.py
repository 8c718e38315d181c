"""Channel layers that end their consumers, cannot be made, or reach nobody."""

import re

import pytest

from tests.doctor.workshop import Project
from tests.servers.processes import free_port
from tests.servers.redis import RedisServer

IN_MEMORY = '{"BACKEND": "channels.layers.InMemoryChannelLayer"}'
WAIT = """
import asyncio
from channels.layers import get_channel_layer
async def wait():
    layer = get_channel_layer()
    async with asyncio.timeout(6):
        await layer.receive(await layer.new_channel())
asyncio.run(wait())
"""


def use_layer(project: Project, layer: str) -> None:
    project.write(
        "web/settings.py",
        re.sub(r"(?m)^CHANNEL_LAYERS = .*$", "", (project.folder / "web/settings.py").read_text()).rstrip()
        + f'\nCHANNEL_LAYERS = {{"default": {layer}}}\n',
    )


def test_the_queued_layer_ends_who_hears_nothing_for_five_seconds(
    channels_project: Project, redis_server: RedisServer
) -> None:
    backend = '"BACKEND": "channels_redis.core.RedisChannelLayer"'
    use_layer(channels_project, f'{{{backend}, "CONFIG": {{"hosts": ["{redis_server.url}"]}}}}')
    said = channels_project.shell(WAIT)
    assert f"redis.exceptions.TimeoutError: Timeout reading from 127.0.0.1:{redis_server.port}" in said

    report = channels_project.doctor()

    assert report.ids == ["E022"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'hosts')}\n" in report.part("E022")
    host = f'{{"address": "{redis_server.url}", "socket_timeout": None}}'
    assert f'"hosts": [{host}],' in report.part("E022")
    use_layer(channels_project, f'{{{backend}, "CONFIG": {{"hosts": [{host}]}}}}')
    said = channels_project.shell(WAIT)
    assert "redis.exceptions" not in said  # the test's own patience ended
    assert re.search(r"^TimeoutError$", said, re.MULTILINE)
    assert channels_project.doctor().ids == []


@pytest.mark.parametrize(
    ("host", "patient"),
    [
        (
            'os.environ.get("REDIS_URL", "redis://127.0.0.1:1/0")',
            '{"address": os.environ.get("REDIS_URL", "redis://127.0.0.1:1/0"), "socket_timeout": None}',
        ),
        ("(REDIS_HOST, 6379)", '{"host": REDIS_HOST, "port": 6379, "socket_timeout": None}'),
        ('("127.0.0.1", 6379)', '{"host": "127.0.0.1", "port": 6379, "socket_timeout": None}'),
        ('("redis://127.0.0.1:1", 6379)', '{"address": "redis://127.0.0.1:1", "socket_timeout": None}'),
        (
            '{"address": "redis://127.0.0.1:1", "db": 3}',
            '{"address": "redis://127.0.0.1:1", "db": 3, "socket_timeout": None}',
        ),
        (
            'f"redis://:{REDIS_HOST}@127.0.0.1:1"',
            '{"address": f"redis://:{REDIS_HOST}@127.0.0.1:1", "socket_timeout": None}',
        ),
        ('"redis://:teapot@" + REDIS_HOST', '{"address": "redis://…", "socket_timeout": None}'),
    ],
)
def test_a_host_is_told_as_it_is_written_by_a_variable_or_not(
    channels_project: Project, host: str, patient: str
) -> None:
    channels_project.append("web/settings.py", 'import os\nREDIS_HOST = "127.0.0.1"')
    layer = '{"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [HOST]}}'
    use_layer(channels_project, layer.replace("HOST]", f"{host}]"))

    report = channels_project.doctor()

    assert f'      "hosts": [{patient}],' in report.part("E022")
    assert "teapot" not in report.text
    if "…" not in patient:
        use_layer(channels_project, layer.replace("HOST]", f"{patient}]"))
        assert channels_project.doctor().ids == []
        assert "redis.exceptions" in channels_project.handshake()  # taken, and nobody is there


@pytest.mark.parametrize(
    ("backend", "told"),
    [
        ("asgiref.inmemory.ChannelLayer", "channels.layers.InMemoryChannelLayer"),
        ("asgi_redis.RedisChannelLayer", "channels_redis.core.RedisChannelLayer"),
    ],
)
def test_a_backend_of_channels_1_is_told_with_the_one_that_took_its_place(
    channels_project: Project, backend: str, told: str
) -> None:
    use_layer(channels_project, f'{{"BACKEND": "{backend}"}}')
    assert f"Cannot import BACKEND '{backend}' specified for default" in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == ["E057"]
    assert f'"BACKEND": "{told}"' in report.part("E057")


def test_a_password_in_an_address_is_not_shown(channels_project: Project) -> None:
    backend = '"BACKEND": "channels_redis.core.RedisChannelLayer"'
    hosts = f'"hosts": ["redis://:teapot@127.0.0.1:{free_port()}/0"]'
    use_layer(channels_project, f'{{{backend}, "CONFIG": {{{hosts}}}}}')

    report = channels_project.doctor("--deploy")

    assert {"E022", "E056"} <= set(report.ids)
    assert "teapot" not in report.text


def test_a_backend_that_is_not_installed_ends_every_consumer(channels_project: Project) -> None:
    use_layer(channels_project, '{"BACKEND": "channels_tea.TeaLayer"}')
    said = channels_project.handshake()
    assert "InvalidChannelLayerError: Cannot import BACKEND 'channels_tea.TeaLayer' specified for default" in said

    report = channels_project.doctor()

    assert report.ids == ["E057"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'channels_tea')}\n" in report.part("E057")
    assert "pip install channels_tea" in report.part("E057")
    use_layer(channels_project, IN_MEMORY)
    assert channels_project.doctor().ids == []


def test_a_layer_that_teahouse_names_and_that_is_not_there_is_told(teahouse_project: Project) -> None:
    teahouse_project.append("web/settings.py", 'TEAHOUSE = {"CHANNEL_LAYER": "doorbell"}')
    said = teahouse_project.shell("from channels.layers import channel_layers\nchannel_layers['doorbell']")
    assert "KeyError: 'doorbell'" in said

    report = teahouse_project.doctor()

    assert report.ids == ["E057"]
    assert f"web/settings.py:{teahouse_project.line_of('web/settings.py', 'doorbell')}\n" in report.part("E057")
    teahouse_project.replace("web/settings.py", '"doorbell"', '"default"')
    assert teahouse_project.doctor().ids == []


def test_a_layer_that_does_not_know_its_options_is_told(channels_project: Project, redis_server: RedisServer) -> None:
    host = f'{{"address": "{redis_server.url}", "ssl_of_nobody": None, "socket_timeout": None}}'
    use_layer(
        channels_project, f'{{"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {{"hosts": [{host}]}}}}'
    )
    assert "unexpected keyword argument 'ssl_of_nobody'" in channels_project.handshake()

    report = channels_project.doctor("--deploy")

    assert "unexpected keyword argument 'ssl_of_nobody'" in report.part("E056")
    assert "take out of CONFIG what the backend does not know" in report.part("E056")


def test_a_redis_that_is_not_there_is_told_for_production(channels_project: Project, redis_server: RedisServer) -> None:
    for backend in ("core.RedisChannelLayer", "pubsub.RedisPubSubChannelLayer"):
        layer = f'{{"BACKEND": "channels_redis.{backend}", "CONFIG": {{"hosts": [HOST]}}}}'
        nowhere = f'{{"address": "redis://127.0.0.1:{free_port()}/0", "socket_timeout": None}}'
        use_layer(channels_project, layer.replace("HOST", nowhere))
        assert "redis.exceptions.ConnectionError" in channels_project.handshake()

        report = channels_project.doctor("--deploy")

        assert "redis.exceptions.ConnectionError: " in report.part("E056"), report.text
        assert "Traceback" not in report.text
        assert "Teahouse" not in report.part("E056")
        assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'hosts')}\n" in report.part("E056")
        assert channels_project.doctor().ids == []
        use_layer(
            channels_project, layer.replace("HOST", f'{{"address": "{redis_server.url}", "socket_timeout": None}}')
        )
        assert "hello" in channels_project.handshake()
        assert "E056" not in channels_project.doctor("--deploy").ids
