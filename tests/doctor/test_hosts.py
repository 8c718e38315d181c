"""Hosts and origins that never match, and the one that always does."""

from tests.doctor.workshop import FOREIGN_PAGE, Project

HOSTS = "ALLOWED_HOSTS = []"
GET = "print(Client().get('/', headers={'host': 'chat.example.com:8000'}).status_code)"
POST = """
answer = Client(enforce_csrf_checks=True).post("/", headers={"host": "localhost", "origin": "https://www.example.org"})
print(answer.status_code, answer.content.decode())
"""


def test_a_star_lets_pages_of_every_site_open_sockets(channels_project: Project) -> None:
    channels_project.replace("web/settings.py", HOSTS, 'ALLOWED_HOSTS = ["*"]')
    assert "websocket.accept" in channels_project.handshake("/ws/tea/", FOREIGN_PAGE)

    report = channels_project.doctor()

    assert report.ids == ["W013"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'ALLOWED_HOSTS')}\n" in report.part("W013")
    channels_project.replace("web/settings.py", '["*"]', '["example.org"]')
    assert "websocket.accept" not in channels_project.handshake("/ws/tea/", FOREIGN_PAGE)
    assert channels_project.doctor().ids == []


def test_a_host_with_a_port_never_matches(channels_project: Project) -> None:
    channels_project.replace("web/settings.py", HOSTS, 'ALLOWED_HOSTS = [\n    "chat.example.com:8000",\n]')
    said = channels_project.shell(GET)
    assert "Invalid HTTP_HOST header: 'chat.example.com:8000'. You may need to add 'chat.example.com' to" in said
    assert "400" in said

    report = channels_project.doctor()

    assert report.ids == ["W014"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', ':8000')}\n" in report.part("W014")
    assert 'ALLOWED_HOSTS = ["chat.example.com"]' in report.part("W014")
    channels_project.replace("web/settings.py", "chat.example.com:8000", "chat.example.com")
    assert "200" in channels_project.shell(GET)
    assert channels_project.doctor().ids == []


def test_schemes_and_paths_are_told_and_names_and_addresses_are_not(channels_project: Project) -> None:
    wrong = '"https://a.example", "http://b.example:80/", "[::1]:8000"'
    right = '"c.example", ".d.example", "127.0.0.1", "[::1]", "::1", "localhost"'
    channels_project.replace("web/settings.py", HOSTS, f"ALLOWED_HOSTS = [{wrong}, {right}]")

    report = channels_project.doctor()

    assert report.ids == ["W014"] * 3
    assert 'ALLOWED_HOSTS = ["a.example"]' in report.text
    assert 'ALLOWED_HOSTS = ["b.example"]' in report.text
    assert 'ALLOWED_HOSTS = ["[::1]"]' in report.text


def test_a_trusted_origin_without_a_scheme_is_not_trusted(channels_project: Project) -> None:
    channels_project.append("web/settings.py", 'CSRF_TRUSTED_ORIGINS = ["www.example.org"]')
    said = channels_project.shell(POST)
    assert "403" in said
    assert "Origin checking failed - https://www.example.org does not match any trusted origins." in said
    assert "(4_0.E001)" in channels_project.manage("check")

    report = channels_project.doctor()

    assert report.ids == ["W019"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'www.')}\n" in report.part("W019")
    assert 'CSRF_TRUSTED_ORIGINS = ["https://www.example.org"]' in report.part("W019")
    channels_project.replace("web/settings.py", '"www.example.org"', '"https://www.example.org"')
    assert "Origin checking failed" not in channels_project.shell(POST)
    assert channels_project.doctor().ids == []


def test_a_path_at_the_end_of_a_trusted_origin_keeps_it_from_matching(channels_project: Project) -> None:
    channels_project.append(
        "web/settings.py", 'CSRF_TRUSTED_ORIGINS = ["https://www.example.org/", "https://*.a.org:1"]'
    )
    assert "Origin checking failed" in channels_project.shell(POST)

    report = channels_project.doctor()

    assert report.ids == ["W019"]
    assert 'CSRF_TRUSTED_ORIGINS = ["https://www.example.org"]' in report.part("W019")
