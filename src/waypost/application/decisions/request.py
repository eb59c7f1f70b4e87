"""A request as it is described. It never prints what it carries: headers and query may hold credentials."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote

from waypost.contracts.vocab import CredentialKind

_DOT = re.compile(r"%2e", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Described:
    """What a caller would send. ``target`` is path and query, ``headers`` lower-case names with all their values.

    ``address`` is the connection's; ``certificate`` the SHA-256 fingerprint (lower-case hex) and ``subject`` the
    subject of a client certificate. ``body_bytes`` None = not said. ``country`` is what a GeoIP database would say.
    """

    at: datetime
    method: str
    target: str
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    address: str = ""
    certificate: str = ""
    subject: str = ""
    body_bytes: int | None = None
    country: str = ""

    @property
    def path(self) -> str:
        """The path without its query, ``.`` and ``..`` segments resolved (RFC 3986, 5.2.4)."""
        return normal_path(self.target.partition("?")[0].partition("#")[0])

    def first(self, name: str) -> str:
        """A header's first value, or empty."""
        return next(iter(self.headers.get(name.lower(), ())), "")

    def parameters(self, name: str) -> list[str]:
        """Every value of a query parameter, decoded; in its raw order."""
        pairs = (item.partition("=") for item in self.target.partition("?")[2].split("&"))
        return [unquote(value.replace("+", " ")) for key, _, value in pairs if unquote(key) == name]

    def cookie(self, name: str) -> list[str]:
        """Every value of a cookie."""
        pairs = (item.strip().partition("=") for line in self.headers.get("cookie", ()) for item in line.split(";"))
        return [value for key, _, value in pairs if key == name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A credential's right on one API; ``exhausted`` = a quota window is used up."""

    subscription_id: str
    app_id: str
    plan_id: str
    exhausted: bool = False
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A credential that a gateway knows; ``rights`` by API id."""

    id: str
    kind: CredentialKind
    expires_at: datetime | None = None
    rights: Mapping[str, Subscribed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the gateway knows of callers: credentials by kind and SHA-256 of their value.

    ``named`` is a credential that the description names instead of sending its value: it counts as sent, in whatever
    place the API asks for its kind.
    """

    by_value: Mapping[tuple[CredentialKind, str], Credential] = field(default_factory=dict)
    named: Credential | None = None


def normal_path(path: str) -> str:
    """``path`` with its dot segments resolved; always begins with a slash."""
    kept: list[str] = []
    segments = path.removeprefix("/").split("/")
    for index, segment in enumerate(segments):
        plain = _DOT.sub(".", segment)
        last = index == len(segments) - 1
        if plain == "..":
            kept[-1:] = []
        elif plain != ".":
            kept.append(segment)
        if plain in (".", "..") and last:
            kept.append("")
    return "/" + "/".join(kept)
