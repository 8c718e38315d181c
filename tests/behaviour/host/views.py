"""What a host's own code does with Teahouse, each at an address; called by the behaviour tests."""

from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authtoken.models import Token

import teahouse
from tests.behaviour.host.policy import ListPolicy


def author(name: str = "host") -> User:
    return User.objects.get_or_create(username=name)[0]


@csrf_exempt
def say(request: HttpRequest) -> HttpResponse:
    """Posts each `text` inside one transaction; tells what `teahouse.post` returned there."""
    with transaction.atomic():
        returned = [teahouse.post("tea", text, author()) for text in request.POST.getlist("text")]
    return JsonResponse({"returned": returned})


@csrf_exempt
def say_and_fail(request: HttpRequest) -> HttpResponse:
    """Posts inside a transaction that rolls back."""
    with transaction.atomic():
        teahouse.post("tea", request.POST["text"], author())
        transaction.set_rollback(True)
    return HttpResponse("rolled back")


@csrf_exempt
def log_in(request: HttpRequest) -> HttpResponse:
    """Gives a session of the user named, without asking for a password; tells their tokens."""
    user = author(request.POST["name"])
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    key = Token.objects.get_or_create(user=user)[0].key
    return JsonResponse({"token": teahouse.token_for(user), "csrf": get_token(request), "key": key})


@csrf_exempt
def hold(request: HttpRequest) -> HttpResponse:
    """Holds back what the policy answers to who wants to post."""
    ListPolicy.let_go.clear()
    return HttpResponse("held")


@csrf_exempt
def wait_for_held(request: HttpRequest) -> HttpResponse:
    """Answers as soon as an answer is held back."""
    return HttpResponse(status=200 if ListPolicy.held.acquire(timeout=20) else 504)


@csrf_exempt
def shut_out(request: HttpRequest) -> HttpResponse:
    """Puts somebody on the host's list, says that rights changed, and lets go of the answers from before."""
    ListPolicy.out.add(request.POST["uid"])
    teahouse.rights_changed(room=request.POST["room"])
    ListPolicy.let_go.set()
    return HttpResponse("done")


@csrf_exempt
def log_out(request: HttpRequest) -> HttpResponse:
    """Ends the session, as Django's own view does."""
    logout(request)
    return HttpResponse("logged out")


@csrf_exempt
def new_password(request: HttpRequest) -> HttpResponse:
    """Gives the user another password, as Django's own view does: this browser stays logged in."""
    user = request.user
    assert isinstance(user, User)
    user.set_password(request.POST["password"])
    user.save()
    update_session_auth_hash(request, user)
    return HttpResponse("changed")


@csrf_exempt
def deed(request: HttpRequest) -> HttpResponse:
    """Does what a site's own code may do to the user named."""
    user = author(request.POST["name"])
    match request.POST["what"]:
        case "save as inactive":
            user.is_active = False
            user.save()
        case "update as inactive":
            User.objects.filter(pk=user.pk).update(is_active=False)
        case "delete user":
            user.delete()
        case "delete sessions":
            for session in Session.objects.all():
                if session.get_decoded().get("_auth_user_id") == str(user.pk):
                    session.delete()
        case "delete key":
            Token.objects.filter(user=user).delete()
    return HttpResponse("done")
