"""How two workers (``make test``, pytest-xdist) share the tests."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

ENGINES = ("tests/browser/", "tests/e2e/", "tests/faults/", "tests/integration/agent/", "tests/live/")


class Shares(LoadFileScheduling):
    """Tests that run engines and whole products all go to one worker, so no two of them meet and measure each other;
    the files of all others go to whoever is free.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "engines" if nodeid.startswith(ENGINES) else super()._split_scope(nodeid)
