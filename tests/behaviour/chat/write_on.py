"""Run as a program: posts one message after the other, each until it is stored, and prints what it was told as JSON:
`write_on <posts>`."""

import json
import sys
import time
from collections import Counter

import django

django.setup()

# ruff: noqa: E402 (models can only be imported now)
from teahouse.chat.actions import Posted, PostMessage
from teahouse.chat.making import ensure_room
from teahouse.chat.people import new_guest
from teahouse.chat.writing import write

room, guest = ensure_room("tea").pk, new_guest("Ann")[0]
places: list[int] = []
refused: Counter[str] = Counter()

for number in range(int(sys.argv[1])):
    while True:
        (result,) = write([PostMessage(room, guest, str(number), f"message {number}")])
        if isinstance(result, Posted):
            places.append(result.seq)
            break
        refused[getattr(result, "code", repr(result))] += 1
        time.sleep(0.02)

print(json.dumps({"places": places, "refused": refused}))
