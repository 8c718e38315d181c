"""Keys of REST_FRAMEWORK and TEAHOUSE that nobody reads, or that have a value of another kind."""

from tests.doctor.workshop import Project

REST_SETTINGS = """
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSESS": ("rest_framework.authentication.TokenAuthentication",),
    "DEFAULT_PERMISSION_CLASSESS": ("rest_framework.permissions.IsAuthenticated",),
}
"""
REST_URLS = """\
from django.urls import path
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView


class Open(APIView):
    def get(self, request):
        return Response("hello")


class Closed(APIView):
    permission_classes = [IsAuthenticated]

    def post(self, request):
        return Response("hello")


urlpatterns = [path("open/", Open.as_view()), path("closed/", Closed.as_view())]
"""
ASK = """
from django.contrib.auth.models import User
from rest_framework.authtoken.models import Token
from django.core.management import call_command
call_command("migrate", verbosity=0)
user, _ = User.objects.get_or_create(username="ada")
token, _ = Token.objects.get_or_create(user=user)
client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
print("anonymous", client.get("/open/").status_code)
answer = client.post("/closed/", headers={"authorization": f"Token {token.key}"})
print("token", answer.status_code, answer.content.decode())
client.force_login(user)
answer = client.post("/closed/")
print("session", answer.status_code, answer.content.decode())
"""


def test_misspelt_keys_of_rest_framework_open_the_api_and_refuse_tokens(channels_project: Project) -> None:
    channels_project.replace("web/settings.py", '    "talk",\n', '    "talk",\n    "rest_framework.authtoken",\n')
    channels_project.append("web/settings.py", REST_SETTINGS)
    channels_project.write("web/urls.py", REST_URLS)
    said = channels_project.shell(ASK)
    assert "anonymous 200" in said
    assert 'token 403 {"detail":"Authentication credentials were not provided."}' in said
    assert 'session 403 {"detail":"CSRF Failed: CSRF cookie not set."}' in said

    report = channels_project.doctor()

    assert report.ids == ["E015", "E015"]
    for name in ("AUTHENTICATION", "PERMISSION"):
        line = channels_project.line_of("web/settings.py", f"DEFAULT_{name}_CLASSESS")
        assert f"web/settings.py:{line}\n" in report.text
        assert f'"DEFAULT_{name}_CLASSES": ("rest_framework.' in report.text
        channels_project.replace("web/settings.py", f"DEFAULT_{name}_CLASSESS", f"DEFAULT_{name}_CLASSES")
    said = channels_project.shell(ASK)
    assert "anonymous 401" in said
    assert 'token 200 "hello"' in said
    assert channels_project.doctor().ids == []


def test_a_key_of_rest_framework_that_resembles_none_is_told_and_can_be_silenced(channels_project: Project) -> None:
    channels_project.append("web/settings.py", 'REST_FRAMEWORK = {"TEAPOTS": 3}')
    said = channels_project.shell("from rest_framework.settings import api_settings\napi_settings.TEAPOTS")
    assert "AttributeError: Invalid API setting: 'TEAPOTS'" in said

    report = channels_project.doctor()

    assert report.ids == ["W049"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'TEAPOTS')}" in report.part("W049")
    channels_project.append("web/settings.py", 'SILENCED_SYSTEM_CHECKS = ["teahouse.W049"]')
    assert channels_project.doctor().ids == []


def test_a_key_of_another_meaning_is_not_taken_for_one_that_is_misspelt(channels_project: Project) -> None:
    """To write `PAGE_SIZE` in place of it would make pages of another size."""
    channels_project.append("web/settings.py", 'REST_FRAMEWORK = {"PAGE_SIZE": 10, "MAX_PAGE_SIZE": 50}')
    said = channels_project.shell("from rest_framework.settings import api_settings\nprint(api_settings.PAGE_SIZE)")
    assert said == "10\n"

    assert channels_project.doctor().ids == ["W049"]


def test_a_misspelt_setting_of_teahouse_changes_nothing(teahouse_project: Project) -> None:
    teahouse_project.append("web/settings.py", 'TEAHOUSE = {\n    "MAX_MESSAGE_LENGHT": 10,\n    "TEAPOTS": 3,\n}')
    long = "import teahouse\nteahouse.ensure_room('tea')\n"
    long += (
        "print(teahouse.post('tea', 'A text of more than ten.', author=teahouse.chat.people.Identity('b', 'B', 'bot')))"
    )
    assert "MessageTooLong" not in teahouse_project.shell(f"import teahouse.chat.people\n{long}")

    report = teahouse_project.doctor()

    assert report.ids == ["E016", "E016"]
    assert f"web/settings.py:{teahouse_project.line_of('web/settings.py', 'LENGHT')}\n" in report.part("E016")
    assert '"MAX_MESSAGE_LENGTH": 10' in report.part("E016")
    assert f"web/settings.py:{teahouse_project.line_of('web/settings.py', 'TEAPOTS')}\n" in report.text
    teahouse_project.replace("web/settings.py", "LENGHT", "LENGTH")
    teahouse_project.replace("web/settings.py", '    "TEAPOTS": 3,\n', "")
    assert "MessageTooLong" in teahouse_project.shell(f"import teahouse.chat.people\n{long}")
    assert teahouse_project.doctor().ids == []


def test_a_setting_of_another_kind_is_taken_as_it_is(teahouse_project: Project) -> None:
    teahouse_project.append("web/settings.py", 'TEAHOUSE = {\n    "LIMITS": "off",\n    "MAX_MESSAGE_LENGTH": "10",\n}')
    said = teahouse_project.shell("from teahouse.settings import settings\nprint('limits', bool(settings.LIMITS))")
    assert "limits True" in said

    report = teahouse_project.doctor()

    assert report.ids == ["E048", "E048"]
    assert f"web/settings.py:{teahouse_project.line_of('web/settings.py', 'LIMITS')}\n" in report.part("E048")
    assert '"MAX_MESSAGE_LENGTH": 4000' in report.text
    teahouse_project.replace("web/settings.py", '"LIMITS": "off"', '"LIMITS": True')
    teahouse_project.replace("web/settings.py", '"10"', "10")
    assert teahouse_project.doctor().ids == []


def test_teahouse_that_is_no_dict_ends_whatever_asks(teahouse_project: Project) -> None:
    teahouse_project.append("web/settings.py", 'TEAHOUSE = "on"')
    said = teahouse_project.shell("from teahouse.settings import settings\nsettings.LIMITS")
    assert "AttributeError: 'str' object has no attribute 'get'" in said

    report = teahouse_project.doctor()

    assert "E048" in report.ids
    assert f"web/settings.py:{teahouse_project.line_of('web/settings.py', 'TEAHOUSE =')}\n" in report.part("E048")
    teahouse_project.replace("web/settings.py", 'TEAHOUSE = "on"', "TEAHOUSE = {}")
    assert teahouse_project.doctor().ids == []
