"""Run as a program: writes random batches into three rooms, one guest's posts among them that every other run writes
too, and prints the numbers that it was given as JSON: `write_much <seed> <batches>`."""

import json
import random
import sys

import django

django.setup()

# ruff: noqa: E402 (models can only be imported now)
from teahouse.chat.actions import Action, EditMessage, Join, Leave, Posted, PostMessage, Touched
from teahouse.chat.making import ensure_room
from teahouse.chat.people import guest_identity, new_guest
from teahouse.chat.writing import write

seed, batches = int(sys.argv[1]), int(sys.argv[2])
chance = random.Random(seed)
rooms = [ensure_room(name).pk for name in ("tea", "cake", "cream")]
# Everybody has this guest's secret, so all make the same row and write the same keys at the same moment.
shared, own = guest_identity("everybody's", "Everybody"), new_guest(f"Guest {seed}")[0]
posted: dict[str, int] = {}
refused: list[str] = []
mine: list[tuple[int, int, int]] = []

for turn in range(batches):
    actions: list[Action] = [PostMessage(room, shared, f"shared-{turn}", f"shared {turn}") for room in rooms]
    keys = [f"{turn}-{place}" for place in range(chance.randint(0, 4))]
    actions += [PostMessage(chance.choice(rooms), own, key, f"{seed}: {key}") for key in keys]
    actions.append(chance.choice([Join, Leave])(chance.choice(rooms), own))
    if mine:
        room, seq, changed = mine.pop(chance.randrange(len(mine)))
        actions.append(EditMessage(room, own, seq, changed, f"{seed}: edited in {turn}"))
    chance.shuffle(actions)
    for action, result in zip(actions, write(actions), strict=True):
        if isinstance(result, Exception):
            refused.append(repr(result))
        elif isinstance(action, PostMessage) and isinstance(result, Posted):
            posted[f"{action.room_id} {action.person.uid} {action.key}"] = result.seq
            if action.person == own:
                mine.append((action.room_id, result.seq, result.seq))
        elif isinstance(action, EditMessage) and isinstance(result, Touched):
            mine.append((action.room_id, result.seq, result.changed))

print(json.dumps({"posted": posted, "refused": refused}))
