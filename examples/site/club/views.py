"""The club's pages."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

import teahouse
from club.consumers import tell_places_changed
from club.models import SignUp, Walk


class WalkIsFull(Exception):
    """All places are taken."""


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "club/home.html", {"walks": Walk.objects.all()})


def walk(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Walk, pk=pk)
    signed_up = request.user.is_authenticated and found.sign_ups.filter(member=request.user).exists()
    return render(request, "club/walk.html", {"walk": found, "signed_up": signed_up})


def noticeboard(request: HttpRequest) -> HttpResponse:
    return render(request, "club/noticeboard.html")


@require_POST
@login_required
def sign_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a place in the walk and say so in its room: both happen, or neither."""
    try:
        with transaction.atomic():
            found = get_object_or_404(Walk.objects.select_for_update(), pk=pk)
            _, is_new = SignUp.objects.get_or_create(walk=found, member=request.user)
            if is_new:
                teahouse.post(teahouse.ensure_room(found.title), "I am coming along.", author=request.user)
                transaction.on_commit(partial(tell_places_changed, pk))
            if found.places_left < 0:
                raise WalkIsFull
    except WalkIsFull:
        messages.error(request, f"{found} is full.")
    return redirect("walk", pk=pk)


@require_POST
@login_required
def sign_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the place in the walk back. Once that is committed, the member hears nothing more of the party's room."""
    with transaction.atomic():
        found = get_object_or_404(Walk, pk=pk)
        gone, _ = found.sign_ups.filter(member=request.user).delete()
        if gone:
            teahouse.rights_changed(found.party_room, request.user)
            teahouse.post(teahouse.ensure_room(found.title), "I cannot come after all.", author=request.user)
            transaction.on_commit(partial(tell_places_changed, pk))
    return redirect("walk", pk=pk)


@login_required
def party(request: HttpRequest, pk: int) -> HttpResponse:
    """The room of those who come along; to others the tag says that it is not open."""
    return render(request, "club/party.html", {"walk": get_object_or_404(Walk, pk=pk)})
