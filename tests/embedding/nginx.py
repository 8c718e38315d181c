"""nginx as docs/embedding.md tells to write it, ending TLS before a server of a test; used by `test_behind_nginx`."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.servers.asgi import ROOT
from tests.servers.processes import ServerProcess, free_port

# Whatever a non-root user's PATH says.
PROGRAM = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")

AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    types {{
        text/html html;
        text/css css;
        text/javascript js;
        image/svg+xml svg;
    }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{documented}
}}
"""


class Nginx(ServerProcess):
    """Serves https on its port, static files from `static`, and all else from the server at `upstream_port`."""

    def __init__(self, folder: Path, static: Path, *, prefix: str = "", cut_prefix: bool = False) -> None:
        assert PROGRAM, "nginx is missing: scripts/install-test-parts"
        self.static = static
        self.prefix = prefix
        self.cut_prefix = cut_prefix
        # World-writable, and not pytest's folder: started by root, nginx's worker is another user.
        super().__init__(
            [PROGRAM, "-p", str(folder), "-c", str(folder / "nginx.conf")],
            port=free_port(),
            folder=folder,
            log_path=folder / "nginx.log",
        )

    @property
    def site(self) -> str:
        return f"https://localhost:{self.port}{self.prefix}"

    def write(self, upstream_port: int) -> None:
        """Write its configuration and certificate."""
        make_certificate(self.folder)
        documented = documented_server()
        for old, new in self._changes(upstream_port).items():
            assert old in documented, f"docs/embedding.md no longer has {old!r}"
            documented = documented.replace(old, new)
        (self.folder / "nginx.conf").write_text(AROUND.format(folder=self.folder, documented=documented))

    def _changes(self, upstream_port: int) -> dict[str, str]:
        upstream = f"http://127.0.0.1:{upstream_port}{'/' if self.cut_prefix else ''}"
        return {
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            "server_name example.org;": "server_name localhost;",
            "/etc/ssl/example.org": str(self.folder / "localhost"),
            "/srv/mysite/static/": f"{self.static}/",
            "location /static/": f"location {self.prefix}/static/",
            "location / {": f"location {self.prefix}/ {{",
            "proxy_pass http://127.0.0.1:8000;": f"proxy_pass {upstream};",
        }


def documented_server() -> str:
    page = (ROOT / "docs" / "embedding.md").read_text()
    (block,) = re.findall(r"```nginx\n(.*?)```", page, re.DOTALL)
    return str(block)


def make_certificate(folder: Path) -> None:
    """One for localhost that signs itself."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "localhost.key"), "-out", str(folder / "localhost.pem")]
    subprocess.run([*command, *names, *files], check=True, capture_output=True, timeout=60)
