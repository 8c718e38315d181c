"""Tells Django about the app, joins what is committed with who hears it, and lets Django's checks ask the doctor."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from teahouse.checks.system import project_checks


class TeahouseConfig(AppConfig):
    """The app that a host names in ``INSTALLED_APPS``."""

    name = "teahouse"
    verbose_name = _("Teahouse")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let commits and changes of people be heard; models can be imported only now. Raises ImproperlyConfigured."""
        # Django loads models after apps.
        from teahouse.addresses import proxies
        from teahouse.chat.allowances import allowances
        from teahouse.live.process import listen
        from teahouse.signals import connect

        listen()
        connect()
        checks.register(project_checks, checks.Tags.async_support)
        # A limit or a proxy that cannot be meant so is told at the start, and not to the first who comes.
        proxies()
        allowances()
