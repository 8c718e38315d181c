"""Policies that cannot be loaded, are none, or whose methods nobody asks."""

from tests.doctor.workshop import Project

POLICY = """\
from teahouse.chat.policy import Policy


class ClubPolicy(Policy):
    def can_post(self, person, room):
        return False
"""
ASK = """\
from teahouse.chat.policy import may
from teahouse.models import Room
print('may post:', may('can_post', None, Room(address='tea')))
"""
ENTER = "import teahouse\nteahouse.ensure_room('tea')\nClient(headers={'host': 'localhost'}).get('/chat/room/tea/')"


def test_a_policy_that_cannot_be_imported_ends_every_page(teahouse_project: Project) -> None:
    teahouse_project.write("web/policies.py", POLICY)
    teahouse_project.append("web/settings.py", 'TEAHOUSE = {"POLICY": "web.policy.ClubPolicy"}')
    assert "ModuleNotFoundError: No module named 'web.policy'" in teahouse_project.shell(ENTER)

    report = teahouse_project.doctor()

    assert report.ids == ["E040"]
    assert f"web/settings.py:{teahouse_project.line_of('web/settings.py', 'POLICY')}\n" in report.part("E040")
    assert '"POLICY": "web.policies.ClubPolicy"' in report.part("E040")
    teahouse_project.replace("web/settings.py", "web.policy.", "web.policies.")
    assert "Error" not in teahouse_project.shell(ENTER)
    assert teahouse_project.doctor().ids == []


def test_an_error_inside_of_a_policy_is_told_where_it_is(teahouse_project: Project) -> None:
    teahouse_project.write("web/policy.py", f"import tepot\n\n{POLICY}")
    teahouse_project.append("web/settings.py", 'TEAHOUSE = {"POLICY": "web.policy.ClubPolicy"}')

    part = teahouse_project.doctor().part("E040")

    assert "web/policy.py:1\n" in part
    assert "No module named 'tepot'" in part


def test_a_policy_that_is_none_opens_no_room(teahouse_project: Project) -> None:
    teahouse_project.write("web/policy.py", POLICY.replace("(Policy)", ""))
    teahouse_project.append("web/settings.py", 'TEAHOUSE = {"POLICY": "web.policy.ClubPolicy"}')
    said = teahouse_project.shell(ENTER)
    assert "AttributeError: 'ClubPolicy' object has no attribute 'can_see'" in said
    assert "Not Found: /chat/room/tea/" in said

    report = teahouse_project.doctor()

    assert report.ids == ["E040"]
    assert "web/policy.py:4\n" in report.part("E040")
    assert "class ClubPolicy(Policy):" in report.part("E040")
    teahouse_project.write("web/policy.py", POLICY)
    assert teahouse_project.doctor().ids == []


def test_a_misspelt_method_of_a_policy_is_asked_by_nobody(teahouse_project: Project) -> None:
    teahouse_project.write("web/policy.py", POLICY.replace("can_post", "can_psot"))
    teahouse_project.append("web/settings.py", 'TEAHOUSE = {"POLICY": "web.policy.ClubPolicy"}')
    assert "may post: True" in teahouse_project.shell(ASK)

    report = teahouse_project.doctor()

    assert report.ids == ["W041"]
    assert "web/policy.py:5\n" in report.part("W041")
    assert "def can_post(self, person: Identity, room: Room) -> bool:" in report.part("W041")
    teahouse_project.write("web/policy.py", POLICY)
    assert "may post: False" in teahouse_project.shell(ASK)
    assert teahouse_project.doctor().ids == []


def test_a_policy_that_overrides_nothing_decides_nothing(teahouse_project: Project) -> None:
    teahouse_project.write("web/policy.py", POLICY.replace("can_post", "forbid"))
    teahouse_project.append("web/settings.py", 'TEAHOUSE = {"POLICY": "web.policy.ClubPolicy"}')
    assert "may post: True" in teahouse_project.shell(ASK)

    report = teahouse_project.doctor()

    assert report.ids == ["W041"]
    assert "web/policy.py:4\n" in report.part("W041")
    teahouse_project.write("web/policy.py", POLICY)
    assert teahouse_project.doctor().ids == []


def test_an_async_method_of_a_policy_allows_nothing(teahouse_project: Project) -> None:
    allows = POLICY.replace("False", "True")
    teahouse_project.write("web/policy.py", allows.replace("def can_post", "async def can_post"))
    teahouse_project.append("web/settings.py", 'TEAHOUSE = {"POLICY": "web.policy.ClubPolicy"}')
    said = teahouse_project.shell(ASK)
    assert "may post: False" in said
    assert "TypeError: can_post is asked in threads, and must be no coroutine: write def instead of async def" in said

    report = teahouse_project.doctor()

    assert report.ids == ["E061"]
    assert "web/policy.py:5\n" in report.part("E061")
    assert "    def can_post(self, person: Identity, room: Room) -> bool:" in report.part("E061")
    teahouse_project.write("web/policy.py", allows)
    assert "may post: True" in teahouse_project.shell(ASK)
    assert teahouse_project.doctor().ids == []


def test_a_method_of_a_policy_that_takes_something_else_allows_nothing(teahouse_project: Project) -> None:
    allows = POLICY.replace("False", "True")
    teahouse_project.write("web/policy.py", allows.replace("(self, person, room)", "(self, person)"))
    teahouse_project.append("web/settings.py", 'TEAHOUSE = {"POLICY": "web.policy.ClubPolicy"}')
    said = teahouse_project.shell(ASK)
    assert "may post: False" in said
    assert "TypeError: ClubPolicy.can_post() takes 2 positional arguments but 3 were given" in said

    report = teahouse_project.doctor()

    assert report.ids == ["E061"]
    assert "web/policy.py:5\n" in report.part("E061")
    teahouse_project.write("web/policy.py", allows)
    assert "may post: True" in teahouse_project.shell(ASK)
    assert teahouse_project.doctor().ids == []
