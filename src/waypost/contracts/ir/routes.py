"""Routes: one operation of a definition, as a gateway matches it."""

from __future__ import annotations

from dataclasses import dataclass, field

from waypost.contracts.ir.policies import RoutePolicies


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """``id`` is the operation's id; ``path`` an OpenAPI template such as ``/users/{id}`` relative to the mount.

    ``method`` is upper-case. A HEAD request is answered by a GET route where no HEAD route exists.
    A template segment matches one non-empty segment; ``{x}`` may stand inside a segment (``/a.{format}``).
    Concrete segments beat templates at the same position (OpenAPI 3.1, Paths Object).
    """

    id: str
    method: str
    path: str
    policies: RoutePolicies = field(default_factory=RoutePolicies)
