"""What does no harm on a developer's machine, and does on a server."""

import pytest

from tests.doctor.workshop import SETTINGS, Project

DEBUG = "DEBUG = True"
HOSTS = "ALLOWED_HOSTS = []"
KEY = SETTINGS.partition("\n")[0]
SECURE = "SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True"
PAGE = """\
from django.http import HttpResponse
from django.urls import path


def breaks(request):
    price_of_tea = 17
    raise ValueError("no tea")


def remembers(request):
    request.session["tea"] = True
    return HttpResponse("ok")


urlpatterns = [path("breaks/", breaks), path("remembers/", remembers), path("", lambda request: HttpResponse("hello"))]
"""
ERROR = "print(Client(raise_request_exception=False).get('/breaks/', headers={'host': 'localhost'}).content.decode())"
GET = "print('answered', Client().get('/', headers={'host': 'localhost'}).status_code)"
COOKIE = """
answer = Client().get("/remembers/", headers={"host": "localhost"})
print("secure", bool(answer.cookies["sessionid"]["secure"]))
"""
FORM = """
headers = {"host": "localhost", "origin": "https://localhost", "x-forwarded-proto": "https"}
print(Client(enforce_csrf_checks=True).post("/", headers=headers).content.decode())
"""
BEHIND_TLS = 'SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")'
ADDRESSES = """
from django.test import RequestFactory
from teahouse.addresses import address_of_request
said = ["203.0.113.7", "203.0.113.8"]
requests = [RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=one) for one in said]
print("from", [address_of_request(request) for request in requests])
"""
FORGERY = "from django.core import signing\nprint('as', signing.loads({!r}))"


def for_production(project: Project) -> Project:
    """The right project, as it is on a server."""
    project.write("web/urls.py", PAGE)
    project.replace("web/settings.py", DEBUG, "DEBUG = False")
    project.replace("web/settings.py", HOSTS, 'ALLOWED_HOSTS = ["localhost"]')
    project.append("web/settings.py", f'STATIC_ROOT = "static"\n{SECURE}')
    return project


def test_a_right_project_in_production_has_no_findings(channels_project: Project) -> None:
    report = for_production(channels_project).doctor("--deploy")

    assert report.ids == []
    assert "Nothing is wrong." in report.text
    assert report.status == 0


def test_debug_shows_code_and_variables_to_everybody(channels_project: Project) -> None:
    for_production(channels_project).replace("web/settings.py", "DEBUG = False", DEBUG)
    assert "price_of_tea" in channels_project.shell(ERROR)
    assert channels_project.doctor().ids == []

    report = channels_project.doctor("--deploy")

    assert report.ids == ["E050"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', DEBUG)}\n" in report.part("E050")
    assert report.status == 1
    channels_project.replace("web/settings.py", DEBUG, "DEBUG = False")
    assert "price_of_tea" not in channels_project.shell(ERROR)
    assert channels_project.doctor("--deploy").ids == []


def test_who_knows_the_key_signs_what_they_like(channels_project: Project) -> None:
    for_production(channels_project).replace("web/settings.py", KEY, 'SECRET_KEY = "django-insecure-tea"')
    elsewhere = "from django.core import signing\nprint(signing.dumps('ada', key='django-insecure-tea'))"
    forged = channels_project.shell(elsewhere).strip()
    assert "as ada" in channels_project.shell(FORGERY.format(forged))

    report = channels_project.doctor("--deploy")

    assert report.ids == ["E051"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'SECRET_KEY')}\n" in report.part("E051")
    assert "begins with 'django-insecure-'" in report.part("E051")
    assert "insecure-tea" not in report.text
    channels_project.replace("web/settings.py", 'SECRET_KEY = "django-insecure-tea"', 'SECRET_KEY = "short"')
    assert "has 5 characters, and needs 50" in channels_project.doctor("--deploy").part("E051")
    channels_project.replace("web/settings.py", "short", "a" * 60)
    assert "has 1 different characters, and needs 5" in channels_project.doctor("--deploy").part("E051")
    channels_project.replace("web/settings.py", f'SECRET_KEY = "{"a" * 60}"', KEY)
    assert "BadSignature" in channels_project.shell(FORGERY.format(forged))
    assert channels_project.doctor("--deploy").ids == []


def test_no_host_is_allowed_where_debug_is_off(channels_project: Project) -> None:
    for_production(channels_project).replace("web/settings.py", 'ALLOWED_HOSTS = ["localhost"]', HOSTS)
    assert "answered 400" in channels_project.shell(GET)
    said = channels_project.manage("runserver", "--noreload")
    assert "CommandError: You must set settings.ALLOWED_HOSTS if DEBUG is False." in said

    report = channels_project.doctor("--deploy")

    assert report.ids == ["E052"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', HOSTS)}\n" in report.part("E052")
    channels_project.replace("web/settings.py", HOSTS, 'ALLOWED_HOSTS = ["localhost"]')
    assert "answered 200" in channels_project.shell(GET)
    assert channels_project.doctor("--deploy").ids == []


def test_cookies_that_travel_in_the_open_are_told(channels_project: Project) -> None:
    for_production(channels_project).replace("web/settings.py", SECURE, "")
    assert "secure False" in channels_project.shell(COOKIE)

    report = channels_project.doctor("--deploy")

    assert report.ids == ["W053"]
    assert SECURE in report.part("W053")
    channels_project.append("web/settings.py", "SESSION_COOKIE_SECURE = True")
    assert "CSRF_COOKIE_SECURE = True" in channels_project.doctor("--deploy").part("W053")
    channels_project.append("web/settings.py", "CSRF_COOKIE_SECURE = True")
    assert "secure True" in channels_project.shell(COOKIE)
    assert channels_project.doctor("--deploy").ids == []


def test_https_that_ends_at_a_proxy_is_not_seen(channels_project: Project) -> None:
    for_production(channels_project).write("deploy/nginx.conf", "server { listen 443 ssl; }\n")
    channels_project.replace("web/settings.py", "DEBUG = False", DEBUG)  # which shows the reason
    assert "Origin checking failed - https://localhost does not match any trusted origins." in (
        channels_project.shell(FORM)
    )
    channels_project.replace("web/settings.py", DEBUG, "DEBUG = False")

    report = channels_project.doctor("--deploy")

    assert report.ids == ["W054"]
    assert "deploy/nginx.conf\n" in report.part("W054")
    header = 'SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")'
    assert header in report.part("W054")
    channels_project.append("web/settings.py", header)
    assert "Origin checking failed" not in channels_project.shell(FORM)
    assert channels_project.doctor("--deploy").ids == []


def test_uvicorn_sees_https_by_itself(channels_project: Project) -> None:
    for_production(channels_project).write("deploy/nginx.conf", "server { listen 443 ssl; }\n")
    channels_project.write("Procfile", "web: uvicorn web.asgi:application --ws-per-message-deflate false\n")

    assert channels_project.doctor("--deploy").ids == []


def test_a_proxy_that_nobody_named_makes_everybody_one_address(teahouse_project: Project) -> None:
    project = teahouse_project
    project.append("web/settings.py", f'STATIC_ROOT = "static"\n{SECURE}\n{BEHIND_TLS}')
    project.replace("web/settings.py", DEBUG, "DEBUG = False")
    project.replace("web/settings.py", HOSTS, 'ALLOWED_HOSTS = ["localhost"]')
    assert "from ['127.0.0.1', '127.0.0.1']" in project.shell(ADDRESSES)

    report = project.doctor("--deploy")

    assert report.ids == ["W062"]
    assert f"web/settings.py:{project.line_of('web/settings.py', BEHIND_TLS)}\n" in report.part("W062")
    assert '"PROXIES": ["127.0.0.1"],' in report.part("W062")
    assert project.doctor().ids == []
    project.append("web/settings.py", 'TEAHOUSE = {"PROXIES": ["127.0.0.1"]}')
    assert "from ['203.0.113.7', '203.0.113.8']" in project.shell(ADDRESSES)
    assert project.doctor("--deploy").ids == []


def test_static_files_without_a_folder_are_not_served(channels_project: Project) -> None:
    for_production(channels_project).replace("web/settings.py", 'STATIC_ROOT = "static"\n', "")
    channels_project.write("talk/static/talk/tea.css", "p { color: brown }\n")
    said = channels_project.manage("collectstatic", "--noinput")
    assert "You're using the staticfiles app without having set the STATIC_ROOT setting to a filesystem path." in said

    report = channels_project.doctor("--deploy")

    assert report.ids == ["W055"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'STATIC_URL')}\n" in report.part("W055")
    channels_project.append("web/settings.py", 'STATIC_ROOT = "static"')
    assert "1 static file copied" in channels_project.manage("collectstatic", "--noinput")
    assert channels_project.doctor("--deploy").ids == []


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("", 'STATIC_ROOT = Path(__file__).resolve().parent.parent / "static"'),
        ("from pathlib import Path\nBASE_DIR = Path.cwd()", 'STATIC_ROOT = BASE_DIR / "static"'),
        ("import os\nBASE_DIR = os.getcwd()", 'STATIC_ROOT = os.path.join(BASE_DIR, "static")'),
        (
            "import os\nBASE_DIR = os.getcwd()\nSTATICFILES_DIRS = [os.path.join(BASE_DIR, 'static')]",
            'STATIC_ROOT = os.path.join(BASE_DIR, "staticfiles")',
        ),
    ],
)
def test_the_folder_for_static_files_is_told_as_the_settings_can_write_it(
    channels_project: Project, lines: str, told: str
) -> None:
    for_production(channels_project).replace("web/settings.py", 'STATIC_ROOT = "static"\n', "")
    (channels_project.folder / "static").mkdir()
    channels_project.append("web/settings.py", lines)

    assert f"      {told}\n" in channels_project.doctor("--deploy").part("W055")

    channels_project.append("web/settings.py", f"from pathlib import Path\n{told}")
    assert "no issues" in channels_project.manage("check")
    assert channels_project.doctor("--deploy").ids == []


def test_settings_that_production_has_of_its_own_are_told(channels_project: Project) -> None:
    channels_project.write("web/settings_base.py", (channels_project.folder / "web/settings.py").read_text())
    channels_project.write("web/settings/__init__.py", "from web.settings_base import *\n")
    channels_project.write("web/settings/production.py", f"from web.settings import *\n{SECURE}\nDEBUG = False\n")
    (channels_project.folder / "web/settings.py").unlink()

    said = channels_project.doctor("--deploy").part("E050")

    command = ["--deploy", "--settings", "web.settings.production"]
    assert f"teahouse doctor {' '.join(command)}" in said
    assert "E050" not in channels_project.doctor(*command).ids
