"""Recovery: whatever is lost, repeated or late, a client's picture becomes that of one who was never away."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.chat.actions import Action
from teahouse.chat.epochs import renew_epochs
from teahouse.chat.log import changes_after
from teahouse.chat.pages import history
from teahouse.models import Room
from teahouse.protocol.codec import encode
from teahouse.protocol.events import Changes
from tests.chat.picture import Picture
from tests.chat.talk import PLAY, Talk, bring_level, undone


def fresh(talk: Talk) -> Picture:
    """The picture of a client that reads the whole log now."""
    picture = Picture(talk.epoch(), 0)
    bring_level(picture, talk.room)
    return picture


# Every action


ACTIONS = {
    "post": lambda talk: [talk.post("Ann", "new")],
    "first post of a guest": lambda talk: [talk.post("Eve", "new")],
    "repeat": lambda talk: [talk.post("Ann", "one", key="k1")],
    "edit": lambda talk: [talk.edit("Ann", 1, 1, "one!")],
    "delete": lambda talk: [talk.delete("Ann", 2, 2)],
    "join": lambda talk: [talk.join("Eve")],
    "leave": lambda talk: [talk.leave("Bob")],
    "join again": lambda talk: [talk.leave("Bob"), talk.join("Bob")],
    "remove": lambda talk: [talk.remove("Olga", "Bob")],
    "ban": lambda talk: [talk.ban("Olga", "Ann", until=2**45)],
    "ban of a guest of whom nobody heard": lambda talk: [talk.post("Eve", "new"), talk.ban("Olga", "Eve")],
    "unban": lambda talk: [talk.ban("Olga", "Bob"), talk.unban("Olga", "Bob")],
    "mute": lambda talk: [talk.mute("Olga", "Ann", until=2**45)],
    "role": lambda talk: [talk.role("Olga", "Bob", "moderator")],
    "configure": lambda talk: [talk.configure("Olga", title="Green tea", locked=True)],
    "configure twice": lambda talk: [talk.configure("Olga", slow_seconds=5), talk.configure("Olga", slow_seconds=9)],
    "make private": lambda talk: [talk.configure("Olga", kind="private")],
    "rights changed": lambda talk: [talk.rights_changed("Bob"), talk.rights_changed(), talk.rights_changed("Ann")],
    "refusal": lambda talk: [talk.edit("Bob", 1, 1, "not his")],
    "all at once": lambda talk: [
        talk.post("Ann", "new"),
        talk.edit("Ann", 1, 1, "one!"),
        talk.delete("Ann", 1, talk.head() + 2),
        talk.leave("Bob"),
        talk.join("Eve"),
        talk.configure("Olga", archived=True),
        talk.ban("Olga", "Eve"),
        talk.configure("Olga", archived=False, title="After all"),
    ],
}


@pytest.mark.parametrize("actions", ACTIONS.values(), ids=ACTIONS)
def test_an_old_picture_and_what_was_announced_make_a_fresh_one(talk: Talk, actions: Any) -> None:
    talk.do(talk.post("Ann", "one", key="k1"), talk.post("Ann", "two"), talk.join("Bob"))
    talk.come(Olga="owner")
    old = fresh(talk)
    talk.committed.clear()

    talk.do(*actions(talk))

    for event in talk.live():
        assert old.apply(event) == "applied"
    assert old == fresh(talk)


@pytest.mark.parametrize("actions", ACTIONS.values(), ids=ACTIONS)
def test_whose_rights_may_have_ended_and_where_is_the_same_live_and_from_the_log(talk: Talk, actions: Any) -> None:
    talk.do(talk.post("Ann", "one", key="k1"), talk.post("Ann", "two"), talk.join("Bob"))
    talk.come(Olga="owner")
    before = talk.head()
    talk.committed.clear()

    talk.do(*actions(talk))

    endings = [(event.upto, event.rights) for event in talk.live() if event.rights]
    assert [(event.upto, event.rights) for event in pages(talk, before) if event.rights] == endings
    assert [upto for upto, _ in endings][-1:] in ([], [Room.objects.get().rights])


def test_a_client_that_started_from_the_newest_page_sees_all_that_comes_after(talk: Talk) -> None:
    talk.say("one", "two")
    picture = Picture()
    bring_level(picture, talk.room)
    talk.committed.clear()
    talk.do(talk.edit("Ann", 1, 1, "one!"), talk.post("Ann", "three"), talk.delete("Ann", 2, 2))
    for event in talk.live():
        picture.apply(event)
    assert picture.shown() == fresh(talk).shown()
    assert picture.texts() == ["one!", "three"]


def test_after_a_renewed_epoch_old_events_change_nothing(talk: Talk) -> None:
    talk.say("one")
    picture = fresh(talk)
    talk.committed.clear()
    talk.say("two")
    late = talk.live()
    renew_epochs("a test")
    bring_level(picture, talk.room)
    assert picture.apply(late[0]) == "other epoch"
    assert picture.texts() == ["one", "two"]


def test_a_row_that_was_read_newer_than_its_span_is_not_replaced_by_an_older_one(talk: Talk) -> None:
    """A page is read while somebody writes: its rows are newer than its numbers say, and older events still come."""
    talk.say("one")
    picture = fresh(talk)
    talk.committed.clear()
    talk.do(talk.post("Ann", "two"), talk.join("Bob"))
    talk.did(talk.edit("Ann", 2, 2, "two!"))
    (page,) = changes_after(talk.room, talk.epoch(), 1, 2)
    assert picture.apply(page) == "applied"

    for event in talk.live():
        picture.apply(event)
        assert picture.texts() == ["one", "two!"]
    assert picture == fresh(talk)


# Any history, any delivery


NAMES = st.sampled_from(["Ann", "Bob", "Eve"])
DEED = st.one_of(
    st.tuples(st.just("post"), NAMES),
    st.tuples(st.just("post"), NAMES),
    st.tuples(st.just("edit"), st.integers(0, 30)),
    st.tuples(st.just("delete"), st.integers(0, 30)),
    st.tuples(st.just("join"), NAMES),
    st.tuples(st.just("leave"), NAMES),
)
BATCHES = st.lists(st.lists(DEED, min_size=1, max_size=5), min_size=1, max_size=6)


class Story:
    """A room's history as it happens, each batch in one transaction; knows which texts stand and which were deleted."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.head = 0
        self.texts: dict[int, str] = {}
        self.authors: dict[int, str] = {}
        self.versions: dict[int, int] = {}
        self.members: set[str] = set()
        self.deleted: set[str] = set()
        talk.committed.clear()

    def tell(self, batch: list[Any]) -> None:
        actions = [action for deed, who in batch if (action := getattr(self, f"_{deed}")(who))]
        assert not [result for result in self.talk.do(*actions) if isinstance(result, Exception)]
        assert self.talk.head() == self.head

    def _post(self, name: str) -> Action:
        self.head += 1
        self.authors[self.head], self.versions[self.head] = name, self.head
        self.texts[self.head] = f"text-{self.head}-posted"
        return self.talk.post(name, self.texts[self.head])

    def _edit(self, which: int) -> Action | None:
        if not self.texts:
            return None
        seq, seen = self._choose(which)
        self.deleted.add(self.texts[seq])
        self.texts[seq] = f"text-{self.head}-edited"
        return self.talk.edit(self.authors[seq], seq, seen, self.texts[seq])

    def _delete(self, which: int) -> Action | None:
        if not self.texts:
            return None
        seq, seen = self._choose(which)
        self.deleted.add(self.texts.pop(seq))
        return self.talk.delete(self.authors[seq], seq, seen)

    def _choose(self, which: int) -> tuple[int, int]:
        """A message that stands, and the version that who changes it saw."""
        seq = sorted(self.texts)[which % len(self.texts)]
        self.head += 1
        seen, self.versions[seq] = self.versions[seq], self.head
        return seq, seen

    def _join(self, name: str) -> Action:
        self.head += name not in self.members
        self.members.add(name)
        return self.talk.join(name)

    def _leave(self, name: str) -> Action:
        self.head += name in self.members
        self.members.discard(name)
        return self.talk.leave(name)


@settings(PLAY, max_examples=15)
@given(batches=BATCHES, page=st.sampled_from([1, 2, 3, 100]), data=st.data())
def test_any_delivery_ends_in_the_same_picture(
    talk: Talk, settings: Any, batches: list[Any], page: int, data: st.DataObject
) -> None:
    """Some clients were there from the start, some left in between; rings are dropped, repeated and reordered."""
    settings.TEAHOUSE = {"CATCH_UP_ENTRIES": page}
    with undone():
        story = Story(talk)
        clients = [Picture(talk.epoch(), 0)]
        for batch in batches:
            story.tell(batch)
            visitor = Picture()
            bring_level(visitor, talk.room)
            clients.append(visitor)
        whole = fresh(talk)
        read_late = [event for picture in clients for event in pages(talk, picture.position or 0)]

        for client in clients:
            hear(client, data.draw(deliveries([*talk.live(), *read_late])))
            bring_level(client, talk.room)
            hear(client, data.draw(deliveries(talk.live())))

        for client in clients:
            assert client.position == whole.position
            assert client.shown() == whole.shown()
        assert clients[0] == whole
        assert set(whole.texts()) == set(story.texts.values())


@settings(PLAY, max_examples=25)
@given(batches=BATCHES, reset=st.integers(1, 5), data=st.data())
def test_who_was_reset_shows_nothing_that_is_no_longer_so(
    talk: Talk, settings: Any, batches: list[Any], reset: int, data: st.DataObject
) -> None:
    """Small pages and an early reset: now a client forgets rows that late events still carry as they once were."""
    settings.TEAHOUSE = {"PAGE_MESSAGES": 2, "RESET_ENTRIES": reset}
    with undone():
        story = Story(talk)
        client = Picture(talk.epoch(), 0)
        for batch in batches:
            story.tell(batch)
            hear(client, data.draw(deliveries(talk.live())))
            if data.draw(st.booleans()):
                bring_level(client, talk.room)
        bring_level(client, talk.room)
        newest = min([row.seq for row in history(talk.room).messages], default=0)
        hear(client, data.draw(deliveries(talk.live())))

        settings.TEAHOUSE = {}
        whole = fresh(talk).messages
        assert client.messages == {seq: whole[seq] for seq in client.messages}
        assert not [seq for seq in whole if seq >= newest and seq not in client.messages]


@settings(PLAY, max_examples=15)
@given(batches=BATCHES)
def test_no_read_shows_a_deleted_text_again(talk: Talk, batches: list[Any]) -> None:
    with undone():
        story = Story(talk)
        for batch in batches:
            story.tell(batch)
        said = [encode(event) for after in range(talk.head()) for event in pages(talk, after)]
        said += [encode(event) for event in bring_level(Picture(), talk.room)]
        said += [encode(row) for row in history(talk.room).messages]
        for text in story.deleted:
            assert not [line for line in said if text in line]


@settings(PLAY, max_examples=15)
@given(batches=BATCHES)
def test_what_was_announced_is_one_unbroken_line(talk: Talk, batches: list[Any]) -> None:
    with undone():
        story = Story(talk)
        for batch in batches:
            story.tell(batch)
        at = 0
        for event in talk.live():
            assert event.after == at
            at = event.upto
        assert at == talk.head()


def pages(talk: Talk, position: int) -> list[Changes]:
    """What a client would read from this position on, which nobody applies yet."""
    picture = Picture(talk.epoch(), position)
    return [event for event in bring_level(picture, talk.room) if isinstance(event, Changes)]


def deliveries(events: list[Changes]) -> st.SearchStrategy[list[Changes]]:
    """Any selection of events, in any order, some more than once."""
    return st.lists(st.sampled_from(events), max_size=20) if events else st.just([])


def hear(client: Picture, events: list[Changes]) -> None:
    """What is missing in between is asked for later; so each event does its part or nothing, and nothing goes back."""
    for event in events:
        position, versions = client.position or 0, {seq: row["changed"] for seq, row in client.messages.items()}
        assert client.apply(event) in ("applied", "missing")
        assert (client.position or 0) >= position
        assert all(client.messages[seq]["changed"] >= changed for seq, changed in versions.items())
