"""Renews epochs when history was restored, so that clients start anew instead of mixing two histories."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

import msgspec
from django.db import transaction
from msgspec import Meta, Struct

from teahouse.models import Installation, Log, new_epoch

logger = logging.getLogger("teahouse.chat")

FILE_NAME = "installation.json"


def renew_epochs(reason: str) -> None:
    """Give every log a new epoch: each client begins again from the newest page. Say why in the server's log."""
    with transaction.atomic():
        for log_id in Log.objects.order_by("pk").values_list("pk", flat=True).iterator():
            Log.objects.filter(pk=log_id).update(epoch=new_epoch())
    logger.warning("all positions were renewed: %s", reason)


def check_data_folder(folder: Path) -> bool:
    """Compare the data folder's count of starts with the database's; returns whether epochs had to be renewed.

    Both count up at each start. When the database is behind the folder, it was restored from a backup, and will hand
    out numbers anew that clients have already seen.
    """
    path = folder / FILE_NAME
    remembered = _read(path) or _Held(secrets.token_hex(8), 0)
    with transaction.atomic():
        row = _counted(remembered.name)
        counted, row.starts = row.starts, max(row.starts, remembered.starts) + 1
        row.save(update_fields=["starts"])
        restored = counted < remembered.starts
        if restored:
            renew_epochs(f"the database counts {counted} starts, its data folder {remembered.starts}: it was restored")
    # After the database, so that a crash in between leaves the folder behind, which is no sign of a restore.
    _write(path, _Held(remembered.name, row.starts))
    return restored


class _Held(Struct):
    """What the data folder remembers."""

    name: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
    starts: Annotated[int, Meta(ge=0, lt=2**53)]


def _counted(name: str) -> Installation:
    """Return the database's row for a folder, locked: several processes may start on one folder at once."""
    Installation.objects.get_or_create(name=name)
    return Installation.objects.select_for_update().get(name=name)


def _read(path: Path) -> _Held | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Held)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError):
        logger.warning("%s cannot be read and is written anew", path.name)
        return None


def _write(path: Path, held: _Held) -> None:
    with NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as fresh:
        fresh.write(msgspec.json.encode(held))
        fresh.flush()
        os.fsync(fresh.fileno())  # else a power cut may leave the new name with nothing in it
    Path(fresh.name).replace(path)
