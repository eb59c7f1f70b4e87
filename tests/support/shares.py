"""How two workers (``make test``, pytest-xdist) share the tests."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

ENGINES = ("tests/live/",)
PRODUCTS = ("tests/browser/", "tests/e2e/", "tests/faults/", "tests/integration/agent/")


class Shares(LoadFileScheduling):
    """Tests of engines go to one worker, so no two of them meet and measure each other; so do those of whole products,
    of which the browser's share one. They are the largest shares and come first; the files of all others are for
    whoever is free.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(ENGINES):
            return "engines"
        return "products" if nodeid.startswith(PRODUCTS) else super()._split_scope(nodeid)
