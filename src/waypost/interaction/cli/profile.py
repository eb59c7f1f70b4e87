"""Which hub to talk to and as whom: flags, then environment, then the file that ``login`` writes (mode 0600)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from waypost.kit.crypto import Secret

DEFAULT_HUB = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Profile:
    """A hub's address and an access token; the token is empty when nobody signed in."""

    hub: str = DEFAULT_HUB
    token: Secret = field(default_factory=lambda: Secret(""))


def profile_path() -> Path:
    """``$WAYPOST_CONFIG`` or the user's configuration folder."""
    override = os.environ.get("WAYPOST_CONFIG")
    return Path(override) if override else Path(platformdirs.user_config_dir("waypost")) / "cli.json"


def load_profile(*, hub: str = "", token: str = "") -> Profile:
    """Merge flags, ``WAYPOST_HUB`` and ``WAYPOST_TOKEN``, and the file. A stored token only goes to its own hub."""
    path = profile_path()
    stored = _stored(path)
    address = (hub or os.environ.get("WAYPOST_HUB") or stored.get("hub") or DEFAULT_HUB).rstrip("/")
    kept = stored.get("token", "") if stored.get("hub") == address else ""
    return Profile(hub=address, token=Secret((token or os.environ.get("WAYPOST_TOKEN") or kept).strip()))


def _stored(path: Path) -> dict[str, str]:
    """Nothing where there is no file, or none that ``login`` wrote: then one is signed out."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def save_profile(profile: Profile) -> Path:
    """Write the file so that only this user can read it."""
    path = profile_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"hub": profile.hub, "token": profile.token.reveal()}, file)
    fresh.replace(path)
    return path


def forget_profile() -> None:
    """Sign out on this machine."""
    profile_path().unlink(missing_ok=True)
