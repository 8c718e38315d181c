"""The behaviour tests' host with another user model: USER_MODEL names it."""

import os

from tests.behaviour.host.settings import *  # noqa: F403
from tests.behaviour.host.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.behaviour.chat.users"]
AUTH_USER_MODEL = os.environ["USER_MODEL"]
