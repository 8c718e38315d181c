"""How the garbage collector goes about a server that many come back to at once; used by ``asgi``."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """Let the garbage collector leave alone what stays, and look for cycles less often.

    A server that many thousand clients come back to at once makes millions of objects that live on. With Python's
    defaults a quarter of that time goes into walking through them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 5, 5)
