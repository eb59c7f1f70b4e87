"""What the portal says in words of its own, and what the hub calls it."""

from __future__ import annotations

import re
from pathlib import Path

from waypost.contracts.drivers import Capability

PORTAL = Path(__file__).parents[2] / "portal/src"


def test_every_capability_has_words() -> None:
    said = re.findall(r'^  "?([a-z_0-9.]+)"?: "', (PORTAL / "lib/capabilities.ts").read_text(), re.MULTILINE)
    assert set(said) == set(Capability)
