"""The ``teahouse`` command: serves the site, loads one, and runs any of Django's management commands on it."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import django
from django.core.management import execute_from_command_line

from teahouse.checks.command import doctor
from teahouse_site import data_folder, environment
from teahouse_site.bench.command import bench

DEFAULT_PORT = 4000

_EPILOG = """\
commands:
  serve             opens the chat (teahouse serve --help)
  doctor            says what is wrong with a Django project (teahouse doctor --help)
  bench             loads a running chat, and says what arrived (teahouse bench --help)
  createsuperuser   makes somebody who may enter /admin/
  help              lists every other command

variables: TEAHOUSE_DATA, TEAHOUSE_HOSTS, TEAHOUSE_ORIGINS, TEAHOUSE_PROXIES, TEAHOUSE_DATABASE, TEAHOUSE_REDIS,
TEAHOUSE_LIMITS, TEAHOUSE_DOCTOR
"""


def main(argv: Sequence[str] | None = None) -> None:
    """Do what the command line says; exits with 1 when that does not work."""
    # No abbreviations: what is not ours is Django's.
    parser = argparse.ArgumentParser(
        prog="teahouse",
        description="A group chat that never loses a message.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    parser.add_argument("--data", metavar="DIR", help="folder of database, uploads and key (./teahouse-data)")
    options, rest = parser.parse_known_args(argv)
    if options.data:
        os.environ["TEAHOUSE_DATA"] = options.data
    if rest[:1] == ["doctor"]:
        # Needs no data folder, and settings of ours least of all: it mostly looks at another project.
        _leave(doctor(rest[1:], otherwise=_ready_site()))
    os.environ["DJANGO_SETTINGS_MODULE"] = "teahouse_site.settings"
    if not rest or rest[0] in ("-h", "--help"):
        parser.print_help()
        return
    if rest[0] == "bench":
        # Needs no data folder, and no Django: what it loads may stand anywhere.
        bench(rest[1:])
        return
    _check_variables()
    if rest[0] == "serve":
        _serve(rest[1:])
    else:
        _manage(rest)


def _leave(status: int) -> NoReturn:
    """Exit, also when the project that was looked at has started threads that never end (a queue's reader, say)."""
    if any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def _ready_site() -> str:
    """Return the settings of the ready site, when one was opened here before; to look makes no data folder."""
    folder = Path(os.environ.get("TEAHOUSE_DATA") or "teahouse-data")
    return "teahouse_site.settings" if folder.is_dir() else ""


def _check_variables() -> None:
    """Exit with one line when a variable cannot be meant so, where the settings would show a traceback."""
    try:
        folder = data_folder.prepare(os.environ.get("TEAHOUSE_DATA") or "teahouse-data")
        environment.database(os.environ.get("TEAHOUSE_DATABASE"), folder)
        environment.is_on("TEAHOUSE_LIMITS")
        environment.is_on("TEAHOUSE_DOCTOR")
        environment.proxies()
    except ValueError as error:
        sys.exit(f"teahouse: {error}")
    except OSError as error:
        sys.exit(f"teahouse: cannot use the data folder (TEAHOUSE_DATA or --data): {error}")


def _serve(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="teahouse serve", description="Opens the chat.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port (%(default)s); 0 takes a free one")
    options = parser.parse_args(arguments)
    os.environ["TEAHOUSE_BIND"] = options.host
    # Settings read the variables when they are first imported, which is here.
    from teahouse_site.serve import serve

    serve(options.host, options.port)


def _manage(arguments: Sequence[str]) -> None:
    if arguments[0] == "createsuperuser":
        # On a fresh machine this may well be the first command, before any table is there.
        django.setup()
        from teahouse_site.first_data import prepare  # models can be imported only now

        prepare()
    execute_from_command_line(["teahouse", *arguments])
