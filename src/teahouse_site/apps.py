"""Tells Django about the site's own templates."""

from __future__ import annotations

from django.apps import AppConfig


class TeahouseSiteConfig(AppConfig):
    """The site as an app: it has templates and no tables."""

    name = "teahouse_site"
