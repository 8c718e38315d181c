"""A program that forks a process for each line it reads: loading Django for each anew would take minutes."""

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import daphne.apps
import rest_framework.settings
from django.core.management import execute_from_command_line

from teahouse.checks.registry import every_check
from teahouse_site.cli import main

LOADED = (daphne.apps, rest_framework.settings, execute_from_command_line, every_check())


def run(order: dict[str, Any]) -> None:
    """In the child: do what `teahouse …`, or `python -c …`, does in a process of its own, and end."""
    status: Any = 1
    try:
        out = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        sys.argv = ["teahouse", *order["arguments"]]
        sys.path[:] = ["", *[part for part in sys.path if part != str(Path(__file__).parent)]]
        if order["code"]:
            exec(order["code"], {"__name__": "__main__"})
        else:
            main(order["arguments"])
        status = 0
    except SystemExit as ending:
        status = ending.code or 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 1)


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        run(json.loads(line))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
