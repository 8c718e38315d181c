"""A Django project as `startproject` leaves it, with Teahouse's three lines in it; used by the tests of this folder."""

import os
import subprocess
import sys
from pathlib import Path

from tests.servers.processes import python_path

# Word by word what the README and docs/embedding.md tell to write.
SETTINGS_LINE = '"teahouse",'
URLS_LINE = 'path("chat/", include("teahouse.urls")),'
ASGI_LINE = "application = with_chat(get_asgi_application())"
ASGI_IMPORT = "from teahouse.routing import with_chat"
ROOM_COMMAND = "import teahouse; teahouse.ensure_room('Tea')"


class FreshProject:
    """A project named `mysite` in `folder`."""

    application = "mysite.asgi:application"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # pytest-django names settings of its own, which manage.py and asgi.py would respect.
        self.environment = {"DJANGO_SETTINGS_MODULE": "mysite.settings", "PYTHONPATH": python_path(folder)}
        self._run(sys.executable, "-m", "django", "startproject", "mysite", ".")

    def add_three_lines(self) -> None:
        self.replace("settings.py", "INSTALLED_APPS = [", f"INSTALLED_APPS = [\n    {SETTINGS_LINE}")
        self.replace("urls.py", "import path", "import include, path")
        self.replace("urls.py", "urlpatterns = [", f"urlpatterns = [\n    {URLS_LINE}")
        self.replace("asgi.py", "application = get_asgi_application()", ASGI_LINE)
        # Among the imports at the top, which run before Django is set up.
        self.replace("asgi.py", "import os\n", f"import os\n\n{ASGI_IMPORT}\n")

    def serve_by_daphnes_runserver(self) -> None:
        self.replace("settings.py", "INSTALLED_APPS = [", 'INSTALLED_APPS = [\n    "daphne",')
        self.append("settings.py", 'ASGI_APPLICATION = "mysite.asgi.application"')

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.folder / "mysite" / file
        before = path.read_text()
        assert before.count(old) == 1, f"{file} has {before.count(old)} of {old!r}"
        path.write_text(before.replace(old, new))

    def append(self, file: str, line: str) -> None:
        path = self.folder / "mysite" / file
        path.write_text(f"{path.read_text()}\n{line}\n")

    def manage(self, *arguments: str) -> str:
        """What `manage.py` prints; raises when it fails."""
        return self._run(sys.executable, "manage.py", *arguments)

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
