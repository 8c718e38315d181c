"""Renews epochs when history was restored, so that clients start anew instead of mixing two histories."""

from __future__ import annotations

import json
import logging
import secrets
from pathlib import Path
from typing import NamedTuple

from django.db import transaction

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
    held = _read(path)
    remembered = held or _Held(secrets.token_hex(8), 0)
    known = Installation.objects.filter(name=remembered.name).first()
    counted = known.starts if known else 0
    restored = counted < remembered.starts
    if restored:
        renew_epochs(f"the database counts {counted} starts, its data folder {remembered.starts}: it was restored")
    name, starts = remembered.name, max(remembered.starts, counted) + 1
    Installation.objects.update_or_create(name=name, defaults={"starts": starts})
    # After the database, so that a crash in between leaves the folder behind, which is no sign of a restore.
    _write(path, _Held(name, starts))
    return restored


class _Held(NamedTuple):
    """What the data folder remembers."""

    name: str
    starts: int


def _read(path: Path) -> _Held | None:
    try:
        held = json.loads(path.read_text())
        return _Held(str(held["name"]), int(held["starts"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        logger.warning("%s cannot be read and is written anew", path.name)
        return None


def _write(path: Path, held: _Held) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(held._asdict()))
    fresh.replace(path)
