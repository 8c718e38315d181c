"""The tests' own browser."""

from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.servers.asgi import ServerStarter

APPLICATION = """
async def application(scope, receive, send):
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"set-cookie", b"tea=green")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    body = "<title>茶馆</title><script>document.title += document.cookie</script>".encode()
    await send({"type": "http.response.body", "body": body})
"""


def test_a_browser_runs_a_page_of_a_real_server(start_server: ServerStarter, page: Page, tmp_path: Path) -> None:
    (tmp_path / "small.py").write_text(APPLICATION)
    server = start_server.uvicorn("small:application", folder=tmp_path, arguments=["--lifespan", "off"])
    page.goto(server.url)
    assert page.title() == "茶馆tea=green"


def test_two_contexts_are_two_people(browser: Browser) -> None:
    first, second = browser.new_context(), browser.new_context()
    first.add_cookies([{"name": "tea", "value": "green", "url": "http://127.0.0.1/"}])
    assert [cookie.get("value") for cookie in first.cookies()] == ["green"]
    assert second.cookies() == []
    first.close()
    second.close()
