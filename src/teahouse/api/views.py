"""One address that takes one command as JSON and answers it, as the socket does."""

from __future__ import annotations

import logging
import math
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from teahouse.api.callers import caller
from teahouse.chat.commands import perform
from teahouse.chat.limits import limits
from teahouse.chat.patience import patience
from teahouse.errors import InternalError, TeahouseError, database_away
from teahouse.protocol.codec import encode
from teahouse.protocol.commands import Command
from teahouse.protocol.connection import read
from teahouse.protocol.events import error_answer, ok
from teahouse.settings import settings

logger = logging.getLogger("teahouse.api")


@csrf_exempt  # `caller` runs the check itself, for whom cookies prove
@never_cache
@require_POST
@transaction.non_atomic_requests
def commands(request: HttpRequest) -> HttpResponse:
    """Do the command in the body, and answer with the status of what came of it."""
    try:
        command = read(_body(request), limits())
    except TeahouseError as refusal:
        return _refused(refusal.command_id, refusal)
    command_id = getattr(command, "id", None)
    try:
        answer, events = _done(request, command)
    except TeahouseError as refusal:
        return _refused(command_id, refusal)
    return _response({"answer": ok(command_id or 0, **answer), "events": events})


def _done(request: HttpRequest, command: Command) -> tuple[dict[str, Any], list[Any]]:
    """Do a command; whatever breaks on the way is a refusal too."""
    try:
        person, of_token = caller(request, command)
        with patience():
            answer, events = perform(command, person)
    except TeahouseError:
        raise
    except (OperationalError, InterfaceError) as error:
        logger.error("the database does not answer: %s", type(error).__name__)
        raise database_away() from error
    except Exception as error:
        logger.exception("a command broke")
        raise InternalError("the server could not do this; its log says why") from error
    return {**answer, **of_token}, events


def _body(request: HttpRequest) -> bytes:
    """Return the body, and of one that is too long only what shows it."""
    return bytes(request.read(settings.MAX_FRAME_BYTES + 1))


def _refused(command_id: int | None, refusal: TeahouseError) -> HttpResponse:
    said = {"answer": error_answer(command_id, refusal), "events": []}
    response = _response(said, refusal.http_status)
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(refusal.retry_after))
    return response


def _response(said: dict[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(encode(said), content_type="application/json", status=status)
