"""How many files, and so sockets, the process may have open at once; raised by ``serve`` before it takes anybody."""

from __future__ import annotations

import logging

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

logger = logging.getLogger("teahouse_site")

FEW = 4096
# Some containers allow a thousand million, and the system keeps a table for as many as are allowed.
ENOUGH = 1 << 20


def allow_many_open_files() -> None:
    """Raise the soft limit as far as this process may, and warn when that is soon met: each socket is a file."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
        except (OSError, ValueError) as refusal:  # macOS says no to more than another limit of its own
            logger.debug("the limit of open files stays at %d: %s", soft, refusal)
    if soft != resource.RLIM_INFINITY and soft < FEW:
        logger.warning(
            "only %d files may be open at once, and each socket is one: raise the hard limit "
            "(LimitNOFILE= of systemd, --ulimit nofile= of docker, ulimit -Hn)",
            soft,
        )
