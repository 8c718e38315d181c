"""Fixtures of the tests of `live`."""

from tests.live.model_log import log  # noqa: F401 (a fixture)
