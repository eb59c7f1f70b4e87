"""OpenAPI path templates as regular expressions, and what of a path reaches the upstream."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from waypost.contracts.ir import PathRewrite
from waypost.contracts.ir.paths import order, segments


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A full path on the gateway. ``literal`` is set where no segment is a template; ``order`` sorts specific first."""

    regex: str
    literal: str
    order: tuple[tuple[int, int], ...]


@lru_cache(maxsize=65536)
def pattern(prefix: str, template: str) -> PathPattern:
    """``prefix`` (base path and mount, literal) and a template such as ``/users/{id}``."""
    parts = segments(template)
    bare = all(len(literals) == 1 for literals in parts)
    literal = prefix + "".join(f"/{literals[0]}" for literals in parts) if bare else ""
    regex = re.escape(prefix) + "".join(f"/{'[^/]+'.join(map(re.escape, literals))}" for literals in parts)
    return PathPattern(regex=regex, literal=literal, order=order(parts))


def upstream_path(base: str, template: str, rewrite: PathRewrite | None) -> str:
    """What a literal template becomes: the upstream's own path and the (rewritten) rest, joined by one slash."""
    removed, added = rewriting(base, template, rewrite)
    rest = template if template.startswith("/") else f"/{template}"
    return (added + rest[len(removed) :]) or "/"


def rewriting(base: str, template: str, rewrite: PathRewrite | None) -> tuple[str, str]:
    """The literal prefix to remove from a path after the mount, and what stands in its place."""
    base = base.rstrip("/")
    if rewrite is None or not _applies(template, rewrite.prefix):
        return "", base
    return rewrite.prefix.rstrip("/"), base + _leading(rewrite.replacement.rstrip("/"))


def _applies(template: str, prefix: str) -> bool:
    """Whole segments: ``/v2`` takes ``/v2`` and ``/v2/x``, not ``/v2x``."""
    head = prefix.rstrip("/")
    return not head or template == head or template.startswith(f"{head}/")


def _leading(text: str) -> str:
    return text if not text or text.startswith("/") else f"/{text}"
