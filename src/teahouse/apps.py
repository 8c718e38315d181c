"""Tells Django about the app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TeahouseConfig(AppConfig):
    """The app that a host names in ``INSTALLED_APPS``."""

    name = "teahouse"
    verbose_name = _("Teahouse")
    default_auto_field = "django.db.models.BigAutoField"
