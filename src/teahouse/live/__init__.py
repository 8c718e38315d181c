"""Who hears it: writer, doorbell, sweep, hub and catch-up. Reads and writes through ``chat`` only."""

from __future__ import annotations

from teahouse.live.process import drain

__all__ = ["drain"]
