"""The hub's own matching and the expressions that engines are given take the same paths."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from waypost.application.decisions.matching import match
from waypost.contracts.ir import ApiIR, Route, VersionIR
from waypost.contracts.vocab import Unmatched
from waypost.integration.gateways.paths import pattern

PIECES = st.sampled_from(["a", "ab", ".", "é", "{x}", "{y}", "-"])
TEMPLATES = st.lists(st.lists(PIECES, min_size=1, max_size=3).map("".join), max_size=3).map(
    lambda parts: "/" + "/".join(parts)
)
PATHS = st.lists(st.text(alphabet="ab.-", max_size=4), max_size=3).map(
    lambda parts: "/s" + "".join(map("/{}".format, parts))
)


@given(TEMPLATES, PATHS, st.booleans())
@example("/a/{x}", "/s/a/b", False)
@example("/{x}-{y}", "/s/a-b-", False)
@example("/a", "/s/a/", True)
def test_they_take_the_same_paths(template: str, path: str, slash: bool) -> None:
    template += "/" * (slash and template != "/")
    route = Route(id="op", method="GET", path=template)
    api = ApiIR(id="api", slug="s", name="S", base_path="/s", versions=(VersionIR(id="v", name="v1", routes=(route,)),))
    expected = re.fullmatch(pattern("/s", template).regex, path) is not None
    if template == "/":
        expected = path in ("/s", "/s/")
    assert (match(api, "GET", path).route is not None) == expected


@given(TEMPLATES, TEMPLATES)
def test_a_concrete_path_comes_before_a_template(one: str, other: str) -> None:
    concrete, templated = (pattern("/s", text) for text in (one, other))
    if concrete.literal and not templated.literal and re.fullmatch(templated.regex, concrete.literal):
        assert concrete.order < templated.order


def test_where_unknown_paths_pass_no_spelling_avoids_an_operation() -> None:
    route = Route(id="op", method="GET", path="/a")
    passing = VersionIR(id="v", name="v1", routes=(route,), unmatched=Unmatched.PASS)
    api = ApiIR(id="api", slug="s", name="S", base_path="/s", versions=(passing,))
    assert match(api, "GET", "/s/a/").route == route
    assert match(api, "GET", "/s/b/").passes
    assert not match(api, "GET", "/s//a").passes
    assert not match(api, "GET", "/s/%61").passes
    refusing = replace(api, versions=(replace(passing, unmatched=Unmatched.REFUSE),))
    assert match(refusing, "GET", "/s/a/").route is None
