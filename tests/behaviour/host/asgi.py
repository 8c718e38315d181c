"""The behaviour tests' host as an ASGI application, as the README tells a host to write it."""

import os

from django.core.asgi import get_asgi_application

from teahouse.routing import with_chat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.behaviour.host.settings")
application = with_chat(get_asgi_application())
