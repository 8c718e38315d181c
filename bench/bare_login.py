"""A bare handshake behind the host's own authentication, as Channels does it: what logged-in `returning` is beside."""

from __future__ import annotations

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "teahouse_site.settings")
django.setup()

# What imports models comes after Django is set up.
from channels.auth import AuthMiddlewareStack  # noqa: E402

from bench import bare  # noqa: E402


async def _logged_in(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Accept whoever has a session, and refuse all others, so that a run without logins fails."""
    if scope["user"].is_authenticated:
        await bare.application(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close"})


application = AuthMiddlewareStack(_logged_in)  # type: ignore[arg-type]
