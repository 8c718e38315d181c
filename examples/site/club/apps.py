"""Tells Django about the club's app."""

from django.apps import AppConfig


class ClubConfig(AppConfig):
    """The club's own pages, members and walks."""

    name = "club"
