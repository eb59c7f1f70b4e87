"""OpenAPI path templates as the engine matches them, and their order: concrete beats template, segment by segment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from waypost.contracts.ir import PathRewrite

# RFC 3986: pchar without percent-encoding; "%" stays, a definition may hold encoded characters already.
_SAFE = "!$&'()*+,;=:@-._~%"
_PARAMETER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A full path on the gateway. ``literal`` is set where no segment is a template; ``order`` sorts specific first."""

    regex: str
    literal: str
    order: tuple[tuple[int, int], ...]


@lru_cache(maxsize=65536)
def pattern(prefix: str, template: str) -> PathPattern:
    """``prefix`` (base path and mount, literal) and a template such as ``/users/{id}``."""
    segments = [segment for segment in template.strip("/").split("/") if template.strip("/")]
    tail = "/" if template.endswith("/") and segments else ""
    literal = "" if _PARAMETER.search(template) else prefix + "".join(f"/{_encode(s)}" for s in segments) + tail
    regex = re.escape(prefix) + "".join(f"/{_segment_regex(s)}" for s in segments) + tail
    return PathPattern(regex=regex, literal=literal, order=tuple(_rank(s) for s in segments))


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


def _encode(segment: str) -> str:
    return quote(segment, safe=_SAFE)


def _segment_regex(segment: str) -> str:
    literals = [re.escape(_encode(part)) for part in _PARAMETER.split(segment)]
    return "[^/]+".join(literals)


def _rank(segment: str) -> tuple[int, int]:
    if not _PARAMETER.search(segment):
        return 0, 0
    letters = len(_PARAMETER.sub("", segment))
    return (1, -letters) if letters else (2, 0)
