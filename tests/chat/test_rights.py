"""Any history of people who come, go, speak and are kept in order: what is stored, logged and caught up is what may be.

A small model says who may what; it knows roles, bans, mutes and what the room is, and nothing of tables or batches.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.chat.actions import Action
from teahouse.errors import TeahouseError
from teahouse.models import FOREVER, Entry, Membership, Message, Room
from tests.chat.picture import Picture
from tests.chat.talk import PLAY, Talk, bring_level, undone

NAMES = ["Olga", "Mona", "Ann", "Bob"]
RANKS = {"owner": 3, "moderator": 2, "member": 1, None: 0}
CHANGES: list[tuple[str, Any]] = [
    *(("kind", kind) for kind in ("private", "open")),
    *((what, on) for what in ("locked", "archived") for on in (True, False)),
    ("title", "Green tea"),
]
WHO = st.sampled_from(NAMES)
DEED = st.one_of(
    st.tuples(st.sampled_from(["join", "leave", "post", "post", "edit", "delete"]), WHO, st.just(None)),
    st.tuples(st.sampled_from(["remove", "ban", "unban", "mute", "unmute", "delete_of"]), WHO, WHO),
    st.tuples(st.sampled_from(["owner", "moderator", "member"]), WHO, WHO),
    st.tuples(
        st.just("configure"),
        WHO,
        st.sampled_from(CHANGES),
    ),
)
BATCHES = st.lists(st.lists(DEED, min_size=1, max_size=4), min_size=1, max_size=8)


class Rules:
    """The room as the docs tell of it."""

    def __init__(self) -> None:
        self.roles: dict[str, str | None] = dict.fromkeys(NAMES)
        self.banned: set[str] = set()
        self.muted: set[str] = set()
        self.spoken: set[str] = set()
        self.places: set[str] = set()
        self.messages: dict[int, dict[str, Any]] = {}
        self.room = {"title": "tea", "kind": "open", "locked": False, "archived": False}
        self.head = 0

    def rank(self, name: str) -> int:
        return RANKS[self.roles[name]]

    def enters(self, name: str) -> bool:
        return name not in self.banned and (self.room["kind"] == "open" or self.rank(name) > 0)

    def writes(self, name: str) -> bool:
        return self.enters(name) and not (self.room["archived"] or self.room["locked"] or name in self.muted)

    def moderates(self, name: str) -> bool:
        return self.enters(name) and self.rank(name) >= 2

    def entry(self) -> bool:
        self.head += 1
        return True

    def join(self, name: str, _: Any) -> bool:
        if self.roles[name]:
            return True
        if not self.enters(name) or self.room["archived"]:
            return False
        self.roles[name] = "member"
        self.places.add(name)
        return self.entry()

    def leave(self, name: str, _: Any) -> bool:
        if not self.roles[name]:
            return True
        if not self.keeps_an_owner_without(name, stays=False):
            return False
        self.roles[name] = None
        return self.entry()

    def keeps_an_owner_without(self, name: str, *, stays: bool) -> bool:
        others = [role for other, role in self.roles.items() if role and other != name]
        return self.roles[name] != "owner" or "owner" in others or not (others or stays)

    def post(self, name: str, _: Any) -> bool:
        if not self.writes(name):
            return False
        self.spoken.add(name)
        self.entry()
        self.messages[self.head] = {"by": name, "changed": self.head, "stands": True}
        return True

    def last_of(self, name: str) -> int:
        return max((seq for seq, message in self.messages.items() if message["by"] == name), default=0)

    def edit(self, name: str, _: Any) -> bool:
        message = self.messages.get(self.last_of(name))
        if not self.writes(name) or message is None or not message["stands"]:
            return False
        self.entry()
        message["changed"] = self.head
        return True

    def delete(self, name: str, _: Any) -> bool:
        return self.delete_of(name, name)

    def delete_of(self, name: str, whose: str) -> bool:
        message = self.messages.get(self.last_of(whose))
        if not self.enters(name) or message is None:
            return False
        if not self.moderates(name) and (name != whose or self.room["archived"]):
            return False
        if message["stands"]:
            self.entry()
            message.update(changed=self.head, stands=False)
        return True

    def above(self, name: str, whom: str) -> bool:
        known = whom in self.places or whom in self.spoken
        return self.moderates(name) and known and name != whom and self.rank(name) > self.rank(whom)

    def remove(self, name: str, whom: str) -> bool:
        if not self.above(name, whom):
            return False
        if self.roles[whom]:
            self.roles[whom] = None
            self.entry()
        return True

    def ban(self, name: str, whom: str) -> bool:
        if not self.above(name, whom):
            return False
        if whom not in self.banned:
            self.banned.add(whom)
            self.places.add(whom)
            self.roles[whom] = None
            self.entry()
        return True

    def unban(self, name: str, whom: str) -> bool:
        if not self.above(name, whom):
            return False
        if whom in self.banned:
            self.banned.discard(whom)
            self.entry()
        return True

    def mute(self, name: str, whom: str) -> bool:
        if not self.above(name, whom):
            return False
        if whom not in self.muted:
            self.muted.add(whom)
            self.places.add(whom)
            self.entry()
        return True

    def unmute(self, name: str, whom: str) -> bool:
        if not self.above(name, whom):
            return False
        if whom in self.muted:
            self.muted.discard(whom)
            self.entry()
        return True

    def give(self, name: str, whom: str, role: str) -> bool:
        if not self.moderates(name) or self.rank(name) < 3 or not self.roles[whom]:
            return False
        if self.roles[whom] == role:
            return True
        if whom != name and self.roles[whom] == "owner":
            return False
        if whom == name and not self.keeps_an_owner_without(name, stays=True):
            return False
        self.roles[whom] = role
        return self.entry()

    def configure(self, name: str, change: tuple[str, Any]) -> bool:
        what, wanted = change
        if not self.moderates(name):
            return False
        if self.room[what] == wanted:
            return True
        if what != "locked" and self.rank(name) < 3:
            return False
        self.room[what] = wanted
        self.entry()
        if what == "kind":
            self.entry()
        return True


class Play:
    """The same deeds, done to the model and asked of the room."""

    def __init__(self, talk: Talk) -> None:
        self.talk, self.rules = talk, Rules()
        talk.come(Olga="owner", Mona="moderator")
        self.rules.roles.update(Olga="owner", Mona="moderator")
        self.rules.places.update({"Olga", "Mona"})
        self.rules.head = talk.head()
        talk.committed.clear()

    def tell(self, batch: list[Any]) -> None:
        """Each deed is made from what stands when its turn comes in the batch, as the model knows it."""
        asked: list[tuple[Action, bool]] = [self._deed(*deed) for deed in batch]
        results = self.talk.do(*(action for action, _ in asked))
        for (action, may), result in zip(asked, results, strict=True):
            assert isinstance(result, TeahouseError) is not may, (action, may, result)

    def _deed(self, deed: str, who: str, about: Any) -> tuple[Action, bool]:
        if deed in ("owner", "moderator", "member"):
            return self.talk.role(who, about, deed), self.rules.give(who, about, deed)
        action = self._action(deed, who, about)
        return action, getattr(self.rules, deed)(who, about)

    def _action(self, deed: str, who: str, about: Any) -> Action:
        talk, rules = self.talk, self.rules
        match deed:
            case "post":
                return talk.post(who, f"text {rules.head}")
            case "edit" | "delete" | "delete_of":
                seq = rules.last_of(about or who)
                seen = rules.messages[seq]["changed"] if seq else 0
                return (
                    talk.edit(who, seq, seen, f"edit {rules.head}") if deed == "edit" else talk.delete(who, seq, seen)
                )
            case "join" | "leave":
                return talk.join(who) if deed == "join" else talk.leave(who)
            case "mute" | "unmute":
                return talk.mute(who, about, until=FOREVER if deed == "mute" else 0)
            case "configure":
                return talk.configure(who, **dict([about]))
        found: Action = getattr(talk, deed)(who, about)
        return found


@settings(PLAY, max_examples=80)
@given(batches=BATCHES)
def test_what_may_be_done_is_done_and_nothing_else(talk: Talk, batches: list[Any]) -> None:
    with undone():
        play = Play(talk)
        rules = play.rules
        heard = Picture(talk.epoch(), rules.head)
        for batch in batches:
            play.tell(batch)
        for event in talk.live():
            assert heard.apply(event) == "applied"

        assert talk.head() == rules.head == Entry.objects.filter(log_id=talk.room.pk).count()
        stored = Membership.objects.select_related("person").all()
        assert {place.person.name: place.role or None for place in stored if place.role} == {
            name: role for name, role in rules.roles.items() if role
        }
        assert {place.person.name for place in stored if place.banned_until} == rules.banned
        assert {place.person.name for place in stored if place.muted_until} == rules.muted
        room = Room.objects.get()
        assert {name: getattr(room, name) for name in rules.room} == rules.room
        messages = Message.objects.values_list("seq", "author__name", "changed", "deleted")
        assert {
            seq: {"by": by, "changed": changed, "stands": not deleted} for seq, by, changed, deleted in messages
        } == (rules.messages)
        fresh = Picture(talk.epoch(), 0)
        bring_level(fresh, talk.room)
        assert fresh.messages == heard.messages
        assert fresh.info == heard.info
        assert heard.members.items() <= fresh.members.items()
