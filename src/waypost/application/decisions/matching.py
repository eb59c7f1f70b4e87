"""Which API, version and operation a path belongs to, as every engine must see it (``contracts.ir.routes``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from waypost.contracts.ir import ApiIR, GatewayIR, Route, RoutePolicies, VersionIR
from waypost.contracts.vocab import Unmatched

_PARAMETER = re.compile(r"\{[^{}]*\}")
_SAFE = "!$&'()*+,;=:@-._~%"


@dataclass(frozen=True, slots=True)
class Matched:
    """Where a call goes. ``version`` is that of the longest mount above the path where no operation takes it.

    ``route`` None: no operation takes it, ``methods`` are those that the path has then; ``passes``: it goes on even so.
    """

    version: VersionIR | None = None
    route: Route | None = None
    methods: tuple[str, ...] = ()

    @property
    def passes(self) -> bool:
        """It goes to the upstream."""
        return self.route is not None or (self.version is not None and self.version.unmatched is Unmatched.PASS)

    @property
    def policies(self) -> RoutePolicies:
        """What holds at the operation, or at the version where none is matched."""
        general = self.version.policies if self.version else RoutePolicies()
        return self.route.policies.over(general) if self.route else general


def api_at(ir: GatewayIR, path: str) -> ApiIR | None:
    """The API whose base path is the first segment of ``path``."""
    first = "/" + path.removeprefix("/").partition("/")[0]
    return next((api for api in ir.apis if api.base_path == first), None)


def match(api: ApiIR, method: str, path: str) -> Matched:
    """The operation of ``api`` that takes a call; concrete segments beat templates, a longer mount a shorter one."""
    groups = [group for group in _groups(api) if group.regex.fullmatch(path)]
    if groups:
        found = groups[0]
        wanted = found.operations.get(method) or (found.operations.get("GET") if method == "HEAD" else None)
        if wanted is not None:
            return Matched(*wanted)
        methods = {*found.operations, *(("HEAD",) if "GET" in found.operations else ())}
        return Matched(_nearest(api, path), None, tuple(sorted(methods)))
    return Matched(_nearest(api, path))


@dataclass(frozen=True, slots=True)
class _Group:
    """The operations of one path, by method."""

    regex: re.Pattern[str]
    order: tuple[tuple[int, int], ...]
    prefix: int
    operations: dict[str, tuple[VersionIR, Route]]


@lru_cache(maxsize=256)
def _groups(api: ApiIR) -> tuple[_Group, ...]:
    groups: dict[str, _Group] = {}
    for version in api.versions:
        prefix = f"{api.base_path}{version.mount}"
        for route in version.routes:
            pattern = _pattern(prefix, route.path)
            group = _Group(re.compile(pattern), tuple(_ranks(route.path)), len(prefix), {})
            groups.setdefault(pattern, group).operations.setdefault(route.method, (version, route))
    return tuple(sorted(groups.values(), key=lambda group: (group.order, -group.prefix)))


def _nearest(api: ApiIR, path: str) -> VersionIR | None:
    above = [version for version in api.versions if _is_under(path, f"{api.base_path}{version.mount}")]
    return max(above, key=lambda version: len(version.mount), default=None)


def _is_under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _pattern(prefix: str, template: str) -> str:
    segments = _segments(template)
    if not segments:
        return f"{re.escape(prefix)}/?"
    tail = "/" if template.endswith("/") else ""
    return re.escape(prefix) + "".join(f"/{_segment(item)}" for item in segments) + tail


def _segments(template: str) -> list[str]:
    bare = template.strip("/")
    return bare.split("/") if bare else []


def _segment(segment: str) -> str:
    return "[^/]+".join(re.escape(quote(part, safe=_SAFE)) for part in _PARAMETER.split(segment))


def _ranks(template: str) -> Iterator[tuple[int, int]]:
    """Per segment: concrete, then templates with literal letters (more letters first), then bare templates."""
    for segment in _segments(template):
        letters = len(_PARAMETER.sub("", segment))
        if not _PARAMETER.search(segment):
            yield 0, 0
        else:
            yield (1, -letters) if letters else (2, 0)
