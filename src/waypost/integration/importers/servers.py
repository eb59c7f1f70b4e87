"""Server addresses: absolute, with variables filled in by their defaults."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from waypost.integration.importers.nodes import Node

_VARIABLE = re.compile(r"\{([^{}]+)\}")
_LONGEST = 2000
_SET_UPSTREAM = "Set the upstream by hand before publishing."


def read_servers(root: Node, base_url: str) -> tuple[str, ...]:
    """The absolute http(s) addresses of ``root``'s servers, in order and without repeats."""
    if not root.has("servers") or root.value.get("servers") == []:
        return _assumed(root, base_url)
    found = (_address(server, base_url) for server in root.objects("servers"))
    return tuple(dict.fromkeys(address for address in found if address))


def _assumed(root: Node, base_url: str) -> tuple[str, ...]:
    """Without servers the specification means ``/``, seen from where the definition lives."""
    address = _absolute("/", base_url)
    if address is None:
        root.notes.info("servers_missing", "The definition names no servers.", _SET_UPSTREAM)
        return ()
    root.notes.info(
        "servers_assumed",
        f"The definition names no servers; the place it came from is taken: {address}",
        "Check the upstream before publishing.",
    )
    return (address,)


def _address(server: Node, base_url: str) -> str | None:
    variables = server.child("variables")
    url = server.text("url").strip()
    for name in _VARIABLE.findall(url[:_LONGEST]):
        default = variables.child(name).text("default")
        if not default:
            server.notes.warn(
                "server_variable",
                f"The server {url!r} has the variable {name!r} without a default; it is left out.",
                f"Give {name!r} a default under `variables`.",
                server.pointer,
            )
            return None
        url = url.replace("{" + name + "}", default)
    address = _absolute(url, base_url)
    if address is None:
        server.notes.warn(
            "server_unusable",
            f"The server {url!r} is no absolute http or https address; it is left out.",
            _SET_UPSTREAM,
            server.pointer,
        )
    return address


def _absolute(url: str, base_url: str) -> str | None:
    try:
        if len(url) > _LONGEST:
            return None
        address = urljoin(base_url, url) if base_url else url
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return None
    if not usable or re.search(r"[\s{}\x00-\x1f]", address) or parts.username is not None:
        return None
    return address.rstrip("/")
