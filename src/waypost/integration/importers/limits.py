"""How much a definition may ask of the hub."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds that keep hostile text from taking the hub's time or memory.

    ``depth`` counts nested maps and lists. ``nodes`` and ``characters`` count what the text becomes once
    every YAML alias is written out, which is what any later serialisation would produce.
    ``problems_per_code`` keeps one repeated mistake from hiding the others.
    """

    depth: int = 200
    nodes: int = 10_000_000
    characters: int = 256 * 1024 * 1024
    problems_per_code: int = 50


DEFAULT_LIMITS = Limits()
