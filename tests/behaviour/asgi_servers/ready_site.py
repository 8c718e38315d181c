"""The `teahouse` program with the host's TEAHOUSE settings laid over the ready site's; started by the tests here."""

import json
import os

# Who makes rooms, and at which address, is read when the settings are; `teahouse serve` says it just before.
os.environ["TEAHOUSE_BIND"] = "127.0.0.1"

from teahouse_site import settings
from teahouse_site.cli import main

if __name__ == "__main__":
    settings.TEAHOUSE |= json.loads(os.environ["HOST_TEAHOUSE"])
    main()
