"""``renew_epochs``: to be run after a database was restored from a backup, before the server starts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from teahouse.chat.epochs import renew_epochs


class Command(BaseCommand):
    """Makes every client begin anew, because numbers after a restore are handed out a second time."""

    help = "Makes every client begin anew from the newest page. Run it after restoring the database from a backup."

    def handle(self, *args: Any, **options: Any) -> None:
        """Renew the epoch of every log."""
        renew_epochs("renew_epochs was run")
        self.stdout.write("Every client begins anew from the newest page.")
