"""Makes people of the ready site and the cookies that prove them; run as a program by `returning`.

    TEAHOUSE_DATA=FOLDER python -m bench.people NUMBER FILE-OF-USERS FILE-OF-GUESTS

Each file has a line for each member: the whole Cookie header.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

import django


def main() -> None:
    """Write both files; the users and their sessions are in the database then."""
    number, users, guests = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    os.environ["DJANGO_SETTINGS_MODULE"] = "teahouse_site.settings"
    django.setup()
    users.write_text("".join(f"Cookie: sessionid={key}\n" for key in _sessions(number)))
    guests.write_text("".join(f"Cookie: {line}\n" for line in _guest_cookies(number)))


def _sessions(number: int) -> list[str]:
    # Models can be imported only when Django is set up.
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils.timezone import now

    user_model = get_user_model()
    # The password of nobody: hashing five thousand would take minutes, and nobody logs in by one.
    user_model.objects.bulk_create([user_model(username=f"member{i}", password=f"!{i:040}") for i in range(number)])
    store = SessionStore()
    rows = []
    for user in user_model.objects.filter(username__startswith="member"):
        held = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        key = f"bench{user.pk:027}"
        rows.append(Session(session_key=key, session_data=store.encode(held), expire_date=now() + timedelta(days=1)))
    Session.objects.bulk_create(rows)
    return [row.session_key for row in rows]


def _guest_cookies(number: int) -> list[str]:
    # Models, as above.
    from teahouse.chat.people import GUEST_COOKIE, new_guest, sign_guest

    guests = [new_guest() for _ in range(number)]
    return [f"{GUEST_COOKIE}={sign_guest(secret, person.name)}" for person, secret in guests]


if __name__ == "__main__":
    main()
