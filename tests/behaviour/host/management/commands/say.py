"""`say room text …`: posts from a process that serves nobody."""

import os
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

import teahouse
from tests.behaviour.host.views import author


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("room")
        parser.add_argument("texts", nargs="+")
        parser.add_argument(
            "--die-after-commit", action="store_true", help="post in a transaction, and lose power then"
        )

    def handle(self, *, room: str, texts: list[str], die_after_commit: bool, **options: Any) -> None:
        if not die_after_commit:
            for text in texts:
                message = teahouse.post(room, text, author())
                self.stdout.write(str(message.seq if message else None))
            return
        with transaction.atomic():
            # The first hook to run: what Teahouse does after the commit is never reached.
            transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
            for text in texts:
                teahouse.post(room, text, author())
