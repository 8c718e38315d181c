"""``manage.py teahouse doctor``: says what is wrong with the project that it runs in."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from teahouse.checks.command import add_arguments, tell
from teahouse.checks.discovery import this_project
from teahouse.checks.doctor import examine


class Command(BaseCommand):
    """Teahouse's words for a host's command line."""

    help = "Teahouse's commands; doctor says what is wrong with this project, where, why, and the line to write."
    requires_system_checks = []  # it runs them itself, and shows more of each

    def add_arguments(self, parser: CommandParser) -> None:
        """Understand one word, and what belongs to it."""
        words = parser.add_subparsers(dest="word", required=True, title="commands")
        add_arguments(words.add_parser("doctor", help="says what is wrong with this project"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what the word says, and exit with its status."""
        status = tell(examine(this_project(), deploy=options["deploy"]), options["fail_level"], sys.stdout)
        if status:
            sys.exit(status)
