"""Path templates: whether a gateway can match them, and whether two of them mean the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

from waypost.integration.importers import pointers
from waypost.integration.importers.problems import ProblemLog

_PARAMETER = re.compile(r"\{([^{}/]*)\}")
_FORBIDDEN = re.compile(r"[\s?#\\\x00-\x1f\x7f]")
# Beyond this many templates with equally many segments, pairs are not compared: it is a notice, not a fault.
_COMPARED = 300
_SEGMENTS = 30


def parameters(path: str) -> list[str]:
    """Names of the template's parameters, in order."""
    return _PARAMETER.findall(path)


def shape(path: str) -> str:
    """``path`` with the names of its parameters taken out: what a gateway sees of it."""
    return _PARAMETER.sub("{}", path)


def check(path: str, pointer: str, notes: ProblemLog) -> bool:
    """Whether ``path`` can be served; what is wrong with it is noted."""
    fault = _fault(path)
    if fault:
        notes.warn("path_unusable", f"The path {path!r} is left out: {fault[0]}", fault[1], pointer)
        return False
    names = parameters(path)
    if len(set(names)) < len(names):
        notes.warn(
            "path_parameter_repeated",
            f"The path {path!r} names a parameter twice.",
            "Give each parameter its own name.",
            pointer,
        )
    if any(name.startswith("+") or name.endswith(("+", "*")) for name in names):
        notes.info(
            "path_greedy",
            f"The path {path!r} has a parameter that spans segments; a gateway matches it as one segment.",
            "Write one path per depth if deeper paths must work.",
            pointer,
        )
    return True


def _fault(path: str) -> tuple[str, str] | None:
    if not path.startswith("/"):
        return "it does not begin with a slash.", "Write it with a leading slash."
    if found := _FORBIDDEN.search(path):
        return (
            f"it contains {found.group()!r}, and a gateway matches paths only.",
            "Move queries and fragments into parameters.",
        )
    rest = _PARAMETER.sub("", path)
    if "{" in rest or "}" in rest:
        return "its braces do not pair up inside one segment.", "Write parameters as {name}."
    if "" in parameters(path):
        return "it has a parameter without a name.", "Write parameters as {name}."
    if any(segment in (".", "..") for segment in path.split("/")):
        return "it has a dot segment, which clients and gateways resolve away.", "Remove it."
    return None


def note_ambiguous(paths: Iterable[str], notes: ProblemLog) -> None:
    """Notes that templates can match one and the same address, such as /a/{x} and /{y}/b."""
    by_length: dict[int, list[list[str]]] = defaultdict(list)
    for path in paths:
        if "{" in path and path.count("/") <= _SEGMENTS:
            by_length[path.count("/")].append(path.split("/"))
    pairs = [
        ("/".join(one), "/".join(other))
        for group in by_length.values()
        if len(group) <= _COMPARED
        for one, other in combinations(group, 2)
        if _overlap(one, other)
    ]
    if not pairs:
        return
    first, second = pairs[0]
    others = f" {len(pairs) - 1} other pairs overlap likewise." if len(pairs) > 1 else ""
    notes.info(
        "paths_ambiguous",
        f"{first!r} and {second!r} can match the same address; the one whose fixed segment comes first wins.{others}",
        "Rename one of them if that is not meant.",
        pointers.join("/paths", second),
    )


def _overlap(one: list[str], other: list[str]) -> bool:
    """Whether each is the more exact one at some segment. Segments with text beside a parameter are not compared."""
    first_exact = second_exact = False
    for left, right in zip(one, other, strict=True):
        if left == right or (_whole(left) and _whole(right)):
            continue
        if not _whole(left) and not _whole(right):
            return False
        if "{" in left and "{" in right:
            return False
        first_exact |= "{" not in left
        second_exact |= "{" not in right
    return first_exact and second_exact


def _whole(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}") and segment.count("{") == 1
