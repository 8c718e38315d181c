"""Who makes rooms on the ready site."""

import pytest
from pytest_django import Settings

from teahouse.chat.people import Identity, new_guest
from teahouse_site.policy import SitePolicy


@pytest.mark.parametrize(("everybody", "guest_may"), [(True, True), (False, False)])
def test_a_guest_makes_rooms_only_while_the_site_is_for_this_machine(
    settings: Settings, everybody: bool, guest_may: bool
) -> None:
    settings.EVERYBODY_MAKES_ROOMS = everybody
    assert SitePolicy().can_create(new_guest()[0], "tea") is guest_may


def test_who_logged_in_makes_rooms_everywhere(settings: Settings) -> None:
    settings.EVERYBODY_MAKES_ROOMS = False
    assert SitePolicy().can_create(Identity(uid="u1", name="Bob", kind="user", user_id=0), "tea")
