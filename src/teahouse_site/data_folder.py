"""The folder that holds what a restart must not forget: database, uploads, secret key; used by ``settings``."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

KEY_BYTES = 48


def prepare(path: str | os.PathLike[str]) -> Path:
    """Return the folder's full path, made with its uploads folder when it is not there. Only its owner can look in."""
    folder = Path(path).expanduser().absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "uploads").mkdir(mode=0o700, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """Return the site's secret key, made at the first start. All processes that start at once get the same."""
    path = folder / "secret-key"
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(KEY_BYTES))
    return path.read_text(encoding="ascii").strip()


def _write_once(path: Path, text: str) -> None:
    """Write a file that exists only whole, and only if nobody else was first."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link fails when the name is taken, where a rename would take the first key's place.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
