"""The way out of a problem on the command line, where the hub's own words are for programs or for pages."""

from __future__ import annotations

from collections.abc import Mapping

HINTS: Mapping[str, str] = {
    "owner_not_found": "Name a team that `waypost team list` shows; without --owner it is yourself.",
    "team_not_found": "`waypost team list` shows which there are; it may also be one that you do not belong to.",
}
"""Code of a problem -> what to do."""
