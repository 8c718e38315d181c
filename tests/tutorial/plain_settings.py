"""The tutorial's settings with a beginner's page beside the stages; used by test_plain_page.py alone."""

from webSocket.settings import *  # noqa: F403

ROOT_URLCONF = "plain_urls"
