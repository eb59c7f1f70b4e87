"""Header edits of an operation. Values are templates: what they say is what the caller sent, not what was edited.

Where an edit itself would change what a template reads (a header that is set or removed, or anything that is to stand
in an answer), the value is made beforehand and kept in the engine's filter state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from envoy.extensions.filters.http.set_filter_state.v3 import set_filter_state_pb2

from waypost.contracts.ir import ApiIR, HeaderEdit
from waypost.contracts.ir.templates import is_plain, parse
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import templates
from waypost.integration.gateways.envoy.filters.headers import option
from waypost.integration.gateways.envoy.filters.mutations import Step, append, put, remove
from waypost.integration.gateways.refusals import OWN_HEADERS

Kept = tuple[str, str]
_KINDS = ("request_set", "request_add", "response_set", "response_add")


def edit_route(route: Any, api: ApiIR, edit: HeaderEdit | None) -> None:
    """Apply an edit to a route; the engine removes before it adds.

    A route that answers by itself is not asked where one of its calls is refused, so there :func:`steps` do the rest.
    """
    if edit is None:
        return
    answers = route.HasField("direct_response")
    kept = dict(_kept(edit))
    for kind in _KINDS:
        request = kind.startswith("request")
        side = route.request_headers_to_add if request else route.response_headers_to_add
        for index, (name, text) in enumerate(getattr(edit, kind)):
            if answers and not request and name not in OWN_HEADERS:
                continue
            value = _value(api, text, _key(kind, index), kept)
            if not answers and not request and name in OWN_HEADERS and is_plain(text):
                value = _of_the_upstream(text)
            # What a caller sent under such a name never stays.
            side.append(option(name, value, append=kind.endswith("add"), formatted=True, empty=request))
    route.request_headers_to_remove.extend(edit.request_remove)
    route.response_headers_to_remove.extend(edit.response_remove)


def steps(api: ApiIR, edit: HeaderEdit | None, *, refused: bool = False) -> list[Step]:
    """The edit of every answer of a route that answers by itself; ``refused`` before anything is known of the call."""
    if edit is None:
        return []
    kept = dict(_kept(edit))
    found = [remove(name) for name in edit.response_remove if name not in OWN_HEADERS]
    for kind, write in (("response_set", put), ("response_add", append)):
        for index, (name, text) in enumerate(getattr(edit, kind)):
            if name not in OWN_HEADERS and (is_plain(text) or not refused):
                found.append(write(name, _value(api, text, _key(kind, index), kept)))
    return found


def _value(api: ApiIR, text: str, key: str, kept: Mapping[str, str]) -> str:
    return f"%FILTER_STATE({key}:PLAIN)%" if key in kept else templates.formatted(api, text)


def _of_the_upstream(text: str) -> str:
    """Nothing on a refusal: most have no code yet when their headers are edited, and the others no upstream."""
    said = templates.cel_text("".join(map(str, parse(text))))
    return f"%CEL(response.code >= 0 && upstream.address != '' ? '{said}' : '')%"


def filters(api: ApiIR, edit: HeaderEdit | None) -> list[tuple[str, Any]]:
    """Makes the values that would be others later."""
    states = [_state(key, templates.formatted(api, text)) for key, text in (_kept(edit) if edit else ())]
    if not states:
        return []
    return [("edit_values", wire.pack(wire.parse(set_filter_state_pb2.Config, {"on_request_headers": states})))]


def _kept(edit: HeaderEdit) -> Iterator[Kept]:
    changed = {name for name, _ in (*edit.request_set, *edit.request_add)} | set(edit.request_remove)
    for kind in _KINDS:
        for index, (_, text) in enumerate(getattr(edit, kind)):
            late = kind.startswith("response") and not is_plain(text)
            if late or templates.headers([text]) & changed:
                yield _key(kind, index), text


def _key(kind: str, index: int) -> str:
    return f"gw.edit.{kind}.{index}"


def _state(key: str, value: str) -> dict[str, Any]:
    text = {"text_format_source": {"inline_string": value}}
    return {"object_key": key, "factory_key": "envoy.string", "format_string": {**text, "omit_empty_values": True}}
