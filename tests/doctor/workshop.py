"""Right projects to break: each test breaks one thing, sees what really happens, and asks the doctor."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SETTINGS = """\
SECRET_KEY = "only-for-a-test-and-for-nothing-else-that-anybody-could-reach"
DEBUG = True
ALLOWED_HOSTS = []
INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "talk",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "web.urls"
ASGI_APPLICATION = "web.asgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "db.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
STATIC_URL = "static/"
USE_TZ = True
"""
URLS = """\
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("", lambda request: HttpResponse("hello"))]
"""
ASGI = """\
import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings")
django_application = get_asgi_application()

from web.routing import websocket_urlpatterns

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
"""
ROUTING = """\
from django.urls import re_path

from talk.consumers import TalkConsumer

websocket_urlpatterns = [
    re_path(r"^ws/(?P<group>[a-z]+)/$", TalkConsumer.as_asgi()),
]
"""
CONSUMERS = """\
from channels.generic.websocket import AsyncWebsocketConsumer

from talk.models import Word


class TalkConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add("talk", self.channel_name)
        await self.accept()
        await self.send(f"hello {self.scope['user']}, {await Word.objects.acount()} words")

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.group_send("talk", {"type": "talk.said", "text": text_data or ""})

    async def talk_said(self, event):
        await self.send(event["text"])

    async def disconnect(self, code):
        await self.channel_layer.group_discard("talk", self.channel_name)
"""
MANAGE = """\
import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings")
execute_from_command_line(sys.argv)
"""
MIGRATION = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Word", [("id", models.BigAutoField(primary_key=True)), ("text", models.TextField())]),
    ]
"""
CHANNELS_PROJECT = {
    "manage.py": MANAGE,
    "web/__init__.py": "",
    "web/settings.py": SETTINGS,
    "web/urls.py": URLS,
    "web/asgi.py": ASGI,
    "web/routing.py": ROUTING,
    "talk/__init__.py": "",
    "talk/models.py": "from django.db import models\n\n\nclass Word(models.Model):\n    text = models.TextField()\n",
    "talk/consumers.py": CONSUMERS,
    "talk/migrations/__init__.py": "",
    "talk/migrations/0001_initial.py": MIGRATION,
}

TEAHOUSE_SETTINGS = SETTINGS.replace('    "daphne",\n', '    "teahouse",\n').replace('    "talk",\n', "")
TEAHOUSE_SETTINGS = TEAHOUSE_SETTINGS.replace('ASGI_APPLICATION = "web.asgi.application"\n', "")
TEAHOUSE_URLS = """\
from django.urls import include, path

urlpatterns = [
    path("chat/", include("teahouse.urls")),
]
"""
TEAHOUSE_ASGI = """\
import os

from django.core.asgi import get_asgi_application
from teahouse.routing import with_chat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings")

application = with_chat(get_asgi_application())
"""
TEAHOUSE_PROJECT = {
    "manage.py": MANAGE,
    "web/__init__.py": "",
    "web/settings.py": TEAHOUSE_SETTINGS,
    "web/urls.py": TEAHOUSE_URLS,
    "web/asgi.py": TEAHOUSE_ASGI,
}

# One handshake by hand, as a server does it: what comes back, or the error that a server would answer with 500.
HANDSHAKE = """
import asyncio, importlib, json, sys
address, headers = sys.argv[1], json.loads(sys.argv[2])
application = importlib.import_module("web.asgi").application
async def go():
    told = iter([{"type": "websocket.connect"}, *({"type": "websocket.receive", "text": t} for t in sys.argv[3:])])
    async def receive():
        # Whatever is told is answered before the next thing is.
        await asyncio.sleep(0.05)
        return next(told, None) or {"type": "websocket.disconnect", "code": 1000}
    async def send(event):
        print(event)
    scope = {"type": "websocket", "path": address, "raw_path": address.encode(), "query_string": b"", "root_path": "",
             "subprotocols": [], "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
             "scheme": "ws", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "extensions": {}}
    await application(scope, receive, send)
asyncio.run(go())
"""
PAGE = """
import sys
import web.asgi
from django.test import Client
answer = Client().get(sys.argv[1], headers={"host": "localhost"})
print(answer.status_code, answer.content.decode())
"""
SHELL = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings")
import django
django.setup()
from django.conf import settings
from django.db import connection
from django.test import Client
"""
OWN_PAGE = '{"host": "localhost", "origin": "http://localhost"}'
FOREIGN_PAGE = '{"host": "localhost", "origin": "https://evil.example"}'


class WarmTeahouse:
    """Runs `teahouse …` or `python -c …`, each in a process that was forked from one that has loaded Django already."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("warm.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, code: str = "", folder: Path, environment: dict[str, str], output: Path) -> int:
        """Its exit status; what it printed is in `output`."""
        order = {
            "arguments": arguments,
            "code": code,
            "folder": str(folder),
            "environment": environment,
            "output": str(output),
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self) -> None:
        self.process.communicate()


class Report:
    """What the doctor said."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.text = text

    @property
    def ids(self) -> list[str]:
        """The ids of the findings, in their order."""
        return re.findall(r"^teahouse\.([EW]\d{3}) (?:error|warning)", self.text, re.MULTILINE)

    def part(self, finding_id: str) -> str:
        """All that is said in one finding."""
        assert finding_id in self.ids, self.text
        return re.split(r"\n\n(?=teahouse\.|Looked at)", self.text.partition(f"teahouse.{finding_id} ")[2])[0]


class Project:
    """A project in a folder; its environment is that of somebody who opened a new shell there."""

    def __init__(self, folder: Path, files: dict[str, str], teahouse: WarmTeahouse) -> None:
        self.folder = folder
        self.teahouse = teahouse
        for name, text in files.items():
            self.write(name, text)
        self.environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}

    def copied_to(self, folder: Path) -> "Project":
        """The same project in another folder."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
        return Project(folder, {}, self.teahouse)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert text.count(old) == 1, f"{name} has {text.count(old)} of {old!r}"
        self.write(name, text.replace(old, new))

    def append(self, name: str, line: str) -> None:
        self.write(name, (self.folder / name).read_text() + line + "\n")

    def line_of(self, name: str, text: str) -> int:
        """The number of the first line that has the text."""
        lines = (self.folder / name).read_text().splitlines()
        return next(number for number, line in enumerate(lines, 1) if text in line)

    def python(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """`python …` in the project's folder."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def manage(self, *arguments: str) -> str:
        """All that `manage.py …` prints."""
        done = self.python("manage.py", *arguments)
        return done.stdout + done.stderr

    def handshake(self, address: str = "/ws/tea/", headers: str = OWN_PAGE, *texts: str) -> str:
        """What a server gets from the application for one socket, or the traceback."""
        return self._warm(address, headers, *texts, code=HANDSHAKE)[1]

    def page(self, address: str) -> str:
        """The status and the body of a page, or the traceback."""
        return self._warm(address, code=PAGE)[1]

    def shell(self, code: str) -> str:
        """All that such lines print, or the traceback; `manage.py shell -c` for short."""
        return self._warm(code=SHELL + code)[1]

    def doctor(self, *arguments: str, **variables: str) -> Report:
        """`teahouse doctor …` in the project's folder."""
        return Report(*self._warm("doctor", *arguments, **variables))

    def _warm(self, *arguments: str, code: str = "", **variables: str) -> tuple[int, str]:
        """The exit status and all that was printed."""
        output = self.folder.with_name("output.txt")
        environment = {**self.environment, **variables}
        status = self.teahouse.run(*arguments, code=code, folder=self.folder, environment=environment, output=output)
        return status, output.read_text()
