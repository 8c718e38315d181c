"""Data folders that stand keep what they hold through each migration."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps


def migrate(name: str) -> StateApps:
    executor = MigrationExecutor(connection)
    executor.migrate([("teahouse", name)])
    return executor.loader.project_state([("teahouse", name)]).apps


@pytest.fixture
def at_first(transactional_db: None) -> Iterator[StateApps]:
    """The tables as the first migration made them; in the end they are as the last one leaves them."""
    leaves = [name for app, name in MigrationExecutor(connection).loader.graph.leaf_nodes() if app == "teahouse"]
    try:
        yield migrate("0001_initial")
    finally:
        migrate(*leaves)


def test_who_was_a_member_has_read_up_to_their_last_entry(at_first: StateApps) -> None:
    log = at_first.get_model("teahouse", "Log").objects.create(epoch="e", head=9, at=1)
    room = at_first.get_model("teahouse", "Room").objects.create(log=log, address="tea", title="Tea")
    ann = at_first.get_model("teahouse", "Person").objects.create(uid="g1", kind="guest", name="Ann")
    at_first.get_model("teahouse", "Membership").objects.create(room=room, person=ann, role="member", changed=7)

    now = migrate("0002_read_positions")

    membership = now.get_model("teahouse", "Membership").objects.get()
    assert (membership.changed, membership.read, membership.role) == (7, 7, "member")
    assert now.get_model("teahouse", "Log").objects.get().head == 9
