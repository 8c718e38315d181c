"""Lets ``python -m teahouse_site`` do what the ``teahouse`` command does."""

from __future__ import annotations

from teahouse_site.cli import main

if __name__ == "__main__":
    main()
