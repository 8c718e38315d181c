"""Forms that any page can send. (What a browser says of middleware that stands too low is in test_consoles.py.)"""

from tests.doctor.workshop import Project

CSRF = '    "django.middleware.csrf.CsrfViewMiddleware",\n'
VIEW = """\
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("leave/", lambda request: HttpResponse(f"{request.user} left"))]
"""
FOREIGN_FORM = """
from django.contrib.auth.models import User
user, _ = User.objects.get_or_create(username="ada")
client = Client(enforce_csrf_checks=True)
client.force_login(user)
answer = client.post("/leave/", headers={"host": "localhost", "origin": "https://evil.example"})
print(answer.status_code, answer.content.decode())
"""


def test_without_the_csrf_middleware_a_foreign_page_can_send_forms(channels_project: Project) -> None:
    channels_project.write("web/urls.py", VIEW)
    channels_project.replace("web/settings.py", CSRF, f"    # {CSRF.strip()}\n")
    assert "200 ada left" in channels_project.shell(FOREIGN_FORM)

    report = channels_project.doctor()

    assert report.ids == ["E017"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'MIDDLEWARE')}\n" in report.part("E017")
    assert CSRF.strip() in report.part("E017")
    channels_project.replace("web/settings.py", f"    # {CSRF.strip()}\n", CSRF)
    said = channels_project.shell(FOREIGN_FORM)
    assert "403" in said
    assert "Origin checking failed - https://evil.example does not match any trusted origins." in said
    assert channels_project.doctor().ids == []


def test_a_project_with_a_login_of_its_own_and_none_of_djangos_is_looked_at(channels_project: Project) -> None:
    """It has no accounts of Django's, whose middleware cannot even be imported there."""
    text = (channels_project.folder / "web/settings.py").read_text()
    lines = [line for line in text.splitlines() if "django.contrib." not in line]
    channels_project.write("web/settings.py", "\n".join(lines).replace(CSRF.rstrip(), '    "talk.login.Login",') + "\n")
    channels_project.write("talk/login.py", "def Login(get_response):\n    return get_response\n")
    channels_project.replace(
        "web/asgi.py", "AuthMiddlewareStack(URLRouter(websocket_urlpatterns))", "URLRouter(websocket_urlpatterns)"
    )
    channels_project.replace("web/asgi.py", "from channels.auth import AuthMiddlewareStack\n", "")
    channels_project.replace("talk/consumers.py", "{self.scope['user']}", "all")
    assert "hello all" in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == []
    assert "Could not look at" not in report.text
