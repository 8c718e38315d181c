"""The doctor at the start of a server: servers never run Django's checks, so ``with_chat`` asks at its first call."""

from __future__ import annotations

import logging
import sys
import threading
import time
from typing import Any

from teahouse.checks.discovery import this_project
from teahouse.checks.doctor import examine
from teahouse.checks.registry import Looks
from teahouse.checks.report import line
from teahouse.settings import settings

logger = logging.getLogger("teahouse.doctor")

looked = threading.Event()
"""Set once somebody looked, or is to look no more."""

QUIET_SECONDS = 1.0
"""A look takes the processor for a while: who comes back after a restart comes first, until nobody came so long."""

LATEST_SECONDS = 30.0
"""Where somebody always comes, the look begins after this."""

_last_call = 0.0


def look_once(application: Any, scope_type: str) -> None:
    """Look at the project that this process serves, in a thread of its own, and log one line for each finding.

    To be told of each call. Looks once, when it is quiet, and not under ``runserver``, which has run Django's checks.
    The tables are looked at only when a server says that it starts (``lifespan``): a test of the host's has its own
    ideas of its database.
    """
    global _last_call
    _last_call = time.monotonic()
    if looked.is_set():
        return
    looked.set()
    if sys.argv[1:2] != ["runserver"]:
        upto = Looks.AT_DATABASE if scope_type == "lifespan" else Looks.AT_APPLICATION
        threading.Thread(target=_look, args=(application, upto), name="teahouse-doctor", daemon=True).start()


def is_time(now: float, began: float, last_call: float) -> bool:
    """Claim that a look which could have begun at one time may begin now."""
    return now - last_call >= QUIET_SECONDS or now - began >= LATEST_SECONDS


def _look(application: Any, upto: Looks) -> None:
    began = time.monotonic()
    while not is_time(time.monotonic(), began, _last_call):
        time.sleep(QUIET_SECONDS / 10)
    try:
        if not settings.DOCTOR:
            return
        project = this_project()
        if project.application_path.rpartition(".")[0] not in sys.modules:
            # Served under another name: to import it would run the host's module a second time.
            project.application = application
        findings = examine(project, upto=upto).findings
        for finding in findings:
            level = logging.ERROR if finding.is_error else logging.WARNING
            logger.log(level, "%s (`teahouse doctor` says more)", line(finding, project.folder))
        if not findings:
            logger.info("the doctor looked at this project: nothing is wrong")
    except Exception:  # whatever the project's code does: a server serves on
        logger.warning("the doctor could not look at this project", exc_info=True)
