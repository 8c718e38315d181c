"""Tells Django that app01 is here, so that its templates and static files are found."""

from django.apps import AppConfig


class App01Config(AppConfig):
    """The app without models: it keeps nothing, which is what stage 4 changes."""

    name = "app01"
