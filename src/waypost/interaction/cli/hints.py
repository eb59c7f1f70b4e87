"""The way out of a problem on the command line, where the hub's own words are for programs or for pages."""

from __future__ import annotations

from collections.abc import Mapping

HINTS: Mapping[str, str] = {
    "already_subscribed": "`waypost subscription list` shows it; `change` there changes its plan, `cancel` ends it.",
    "api_not_found": "`waypost api list` shows the APIs that you see; it may also be private to another team.",
    "definition_missing": "Name a file or an address that holds one.",
    "operations_would_go": "Add them again, import it as another --version, or let them go with --confirm.",
    "owner_not_found": "Name a team that `waypost team list` shows; without --owner it is yourself.",
    "path_taken": "Choose another --name and --base-path; to update that API, import it with --into.",
    "precondition_failed": "Run this again: it reads what stands there now.",
    "team_not_found": "`waypost team list` shows which there are; it may also be one that you do not belong to.",
    "too_many_attempts": "Try again after that.",
    "unauthenticated": "Sign in with `waypost login`, or give an access token in WAYPOST_TOKEN.",
}
"""Code of a problem -> what to do."""
