"""Middleware that is missing, or that stands too low to be of use."""

from tests.doctor.workshop import Project

CSRF = '    "django.middleware.csrf.CsrfViewMiddleware",\n'
COMMON = '    "django.middleware.common.CommonMiddleware",\n'
CORS = '    "corsheaders.middleware.CorsMiddleware",\n'
VIEW = """\
from django.http import HttpResponse
from django.urls import path

urlpatterns = [
    path("leave/", lambda request: HttpResponse(f"{request.user} left")),
    path("tea/", lambda request: HttpResponse("tea")),
]
"""
FOREIGN_FORM = """
from django.contrib.auth.models import User
user, _ = User.objects.get_or_create(username="ada")
client = Client(enforce_csrf_checks=True)
client.force_login(user)
answer = client.post("/leave/", headers={"host": "localhost", "origin": "https://evil.example"})
print(answer.status_code, answer.content.decode())
"""
# What django-cors-headers does to an answer that passes through it.
CORS_HEADERS = """\
def CorsMiddleware(get_response):
    def middleware(request):
        response = get_response(request)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response
    return middleware
"""
CROSS_SITE = """
answer = Client().get("/tea", headers={"host": "localhost", "origin": "https://app.example"})
print(answer.status_code, answer.headers.get("Access-Control-Allow-Origin"))
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


def test_cors_below_the_common_middleware_leaves_redirects_without_headers(channels_project: Project) -> None:
    channels_project.write("web/urls.py", VIEW)
    channels_project.write("corsheaders/__init__.py", "")
    channels_project.write("corsheaders/middleware.py", CORS_HEADERS)
    channels_project.replace("web/settings.py", COMMON, COMMON + CORS)
    assert "301 None" in channels_project.shell(CROSS_SITE)

    report = channels_project.doctor()

    assert report.ids == ["W018"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'corsheaders')}\n" in report.part("W018")
    assert report.part("W018").index(CORS.strip()) < report.part("W018").index(COMMON.strip())
    channels_project.replace("web/settings.py", COMMON + CORS, CORS + COMMON)
    assert "301 *" in channels_project.shell(CROSS_SITE)
    assert channels_project.doctor().ids == []
