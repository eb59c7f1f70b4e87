"""Which of an API's routes a call means, found by look-ups: a thousand operations cost a call what ten cost.

The engine would try the routes of a host one after the other, each with its method and its pattern. A matcher in
their place asks in this order, and what it finds is the short list of one path's routes (a route per method, then
405):

1. the routes that are chosen by headers alone (preflights, keys sent twice),
2. a map of the paths without parameters,
3. a trie of what paths with parameters begin with, whole segments; the longest beginning comes first. Below it stand
   the patterns, many of them behind a pattern that is any of them.

The plain list remains where there are few operations, which is faster, and where calls that no operation takes are
passed on: what the path does not decide there, a later route may.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from envoy.config.route.v3 import route_components_pb2 as rc
from envoy.type.matcher.v3 import http_inputs_pb2
from xds.core.v3 import extension_pb2
from xds.type.matcher.v3 import matcher_pb2, regex_pb2, string_pb2

from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.names import SCOPE
from waypost.integration.gateways.envoy.operations import Operation

_FAN_OUT = 8
# Characters in a pattern that stands for several; the engine takes programs of 5,000 instructions.
_LONGEST = 1500
_Matcher = matcher_pb2.Matcher


@dataclass(frozen=True, slots=True)
class Path:
    """The routes of one path in their order; the last one takes every method.

    ``first`` is the first of its operations, ``match`` what its routes ask of a path.
    """

    first: Operation
    match: Any
    routes: tuple[Any, ...]


def matcher(by_headers: Iterable[Any], paths: Sequence[Path], rest: Sequence[Any]) -> Any:
    """``VirtualHost.matcher``; ``rest`` are the routes for paths that are not known, the last one for all of them."""
    unknown = _list(rest)
    # Of two that are spelled alike the first one counts, as in the plain list.
    literal = {path.match.path: path.routes for path in reversed(paths) if path.first.path.literal}
    templates = _on(_trie([path for path in paths if not path.first.path.literal], unknown)) or unknown
    known = (
        _on(_map("exact_match_map", {key: _list(routes) for key, routes in literal.items()}, templates)) or templates
    )
    fields = [_field(_all(_header(item) for item in route.match.headers), _do(route)) for route in by_headers]
    if not fields and known.HasField("matcher"):
        return known.matcher
    return _Matcher(**({"matcher_list": {"matchers": fields}} if fields else {}), on_no_match=known)


def _trie(paths: Sequence[Path], unknown: Any) -> Any:
    """By what a path begins with. A shorter beginning is tried where nothing below a longer one fits."""
    places: dict[str, list[int]] = {}
    for index, path in enumerate(paths):
        places.setdefault(path.first.beginning, []).append(index)
    below = {key: _choice([paths[index] for index in _before(key, places)]) for key in places}
    return _map("prefix_match_map", {key: _Matcher.OnMatch(matcher=item) for key, item in below.items()}, unknown)


def _before(key: str, places: dict[str, list[int]]) -> list[int]:
    """What begins so, and what of a shorter beginning comes before it all the same (another version's mount)."""
    own = places[key]
    shorter = (key[: at + 1] for at, char in enumerate(key[:-1]) if char == "/")
    earlier = [index for start in shorter for index in places.get(start, ()) if index < own[-1]]
    return sorted([*earlier, *own])


def _choice(paths: Sequence[Path]) -> Any:
    """The first whose pattern fits; of many, first the first group that holds one."""
    if len(paths) <= _FAN_OUT:
        fields = [_field(_path_is(path.first.path.regex), _list(path.routes)) for path in paths]
        return _Matcher(matcher_list={"matchers": fields})
    total = sum(len(path.first.path.regex) for path in paths)
    size = math.ceil(len(paths) / max(_FAN_OUT, math.ceil(total / _LONGEST)))
    groups = [paths[at : at + size] for at in range(0, len(paths), size)]
    fields = [
        _field(_path_is("|".join(path.first.path.regex for path in group)), _Matcher.OnMatch(matcher=_choice(group)))
        for group in groups
    ]
    return _Matcher(matcher_list={"matchers": fields})


def _map(kind: str, entries: dict[str, Any], otherwise: Any) -> Any | None:
    """A look-up of the path, None where there is nothing to find."""
    if not entries:
        return None
    tree = _Matcher.MatcherTree(input=_input(SCOPE), **{kind: {"map": entries}})
    return _Matcher(matcher_tree=tree, on_no_match=otherwise)


def _on(found: Any | None) -> Any | None:
    return None if found is None else _Matcher.OnMatch(matcher=found)


def _list(routes: Sequence[Any]) -> Any:
    return _do(rc.RouteList(routes=routes))


def _do(message: Any) -> Any:
    action = extension_pb2.TypedExtensionConfig(name="route", typed_config=wire.pack(message))
    return _Matcher.OnMatch(action=action)


def _field(predicate: Any, then: Any) -> Any:
    return _Matcher.MatcherList.FieldMatcher(predicate=predicate, on_match=then)


def _all(predicates: Iterable[Any]) -> Any:
    found = list(predicates)
    return found[0] if len(found) == 1 else _Matcher.MatcherList.Predicate(and_matcher={"predicate": found})


def _header(item: Any) -> Any:
    """A route's header match as a predicate; a header that has only to be there is like anything."""
    if item.present_match:
        return _like(item.name, ".*")
    same = string_pb2.StringMatcher()
    text = item.string_match
    if text.HasField("safe_regex"):
        return _like(item.name, text.safe_regex.regex)
    same.MergeFromString(text.SerializeToString())
    return _is(item.name, same)


def _path_is(pattern: str) -> Any:
    return _like(SCOPE, pattern)


def _like(name: str, pattern: str) -> Any:
    regex = regex_pb2.RegexMatcher(google_re2=regex_pb2.RegexMatcher.GoogleRE2(), regex=pattern)
    return _is(name, string_pb2.StringMatcher(safe_regex=regex))


def _is(name: str, value: Any) -> Any:
    single = _Matcher.MatcherList.Predicate.SinglePredicate(input=_input(name), value_match=value)
    return _Matcher.MatcherList.Predicate(single_predicate=single)


def _input(name: str) -> Any:
    message = http_inputs_pb2.HttpRequestHeaderMatchInput(header_name=name)
    return extension_pb2.TypedExtensionConfig(name="header", typed_config=wire.pack(message))
