"""The ASGI application that daphne, `manage.py runserver` and uvicorn serve: pages and sockets."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

from teahouse.routing import with_chat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webSocket.settings")
# This loads the apps. Whatever may import a model (routing does, through its consumers) is imported below it:
# above, it works under `runserver` and fails under daphne and uvicorn with "Apps aren't loaded yet".
django_application = get_asgi_application()

from webSocket.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        # `runserver` serves static files by itself, daphne and uvicorn only what the application answers.
        "http": ASGIStaticFilesHandler(django_application),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
application = with_chat(application)  # stage 4
