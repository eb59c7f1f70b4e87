"""Edits of the query and paths made from templates: a small Lua filter, on only for operations that have such an edit.

The engine's own query edits sort and decode the other parameters, and its path templates do not encode what a variable
holds. So variables are written into internal headers by the engine, and the script puts them in, encoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from envoy.extensions.filters.http.lua.v3 import lua_pb2

from waypost.contracts.ir import ApiIR
from waypost.contracts.ir.templates import Variable, is_plain, parse
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import templates
from waypost.integration.gateways.envoy.filters.edit_script import SCRIPT
from waypost.integration.gateways.envoy.filters.mutations import Step, on_request, put
from waypost.integration.gateways.envoy.names import EDIT, INTERNAL, filter_type
from waypost.integration.gateways.envoy.operations import Operation


def listener_filter() -> dict[str, Any]:
    """The script, off unless a route asks for it."""
    config = {
        "@type": filter_type("lua.v3.Lua"),
        "clear_route_cache": False,
        "default_source_code": {"inline_string": SCRIPT},
    }
    return {"name": EDIT, "disabled": True, "typed_config": config}


def makes_path(operation: Operation) -> bool:
    """True where the script writes the path, so that the route does not."""
    rewrite = operation.policies.rewrite
    return rewrite is not None and bool(rewrite.template) and not is_plain(rewrite.template)


def config(operation: Operation) -> dict[str, Any]:
    """Per-route configuration of the script."""
    numbers, query = _Numbers(), operation.policies.query
    context: dict[str, Any] = {}
    if makes_path(operation):
        context["path"] = [{"text": _base(operation)}, *numbers.of(_path_template(operation))]
    if query is not None:
        context["set"] = [{"name": name, "value": numbers.of(text)} for name, text in query.set]
        context["remove"] = list(query.remove)
    if not context or operation.policies.mock is not None:
        return {}
    message = lua_pb2.LuaPerRoute()
    message.filter_context.update(context)
    return {EDIT: wire.pack(message)}


def filters(api: ApiIR, operation: Operation) -> list[tuple[str, Any]]:
    """Writes what the variables hold, where the script reads it."""
    variables = [piece for text in texts(operation) for piece in parse(text) if isinstance(piece, Variable)]
    steps: list[Step] = [put(_header(number), templates.variable(api, found)) for number, found in enumerate(variables)]
    return [("edit_variables", on_request(steps))] if steps and operation.policies.mock is None else []


def texts(operation: Operation) -> list[str]:
    """The templates that the script puts in, in its order."""
    query = operation.policies.query
    path = [_path_template(operation)] if makes_path(operation) else []
    return [*path, *(text for _, text in (query.set if query else ()))]


class _Numbers:
    """Variables are counted in the order of :func:`texts`."""

    def __init__(self) -> None:
        self._next = 0

    def of(self, text: str) -> list[dict[str, Any]]:
        """A template's pieces: text, or the header that holds a variable."""
        return list(self._pieces(text))

    def _pieces(self, text: str) -> Iterator[dict[str, Any]]:
        for piece in parse(text):
            if isinstance(piece, str):
                yield {"text": piece}
            else:
                yield {"header": _header(self._next), "encoded": piece.source == "request.query"}
                self._next += 1


def _header(number: int) -> str:
    return f"{INTERNAL}edit-{number}"


def _path_template(operation: Operation) -> str:
    rewrite = operation.policies.rewrite
    return "/" + rewrite.template.lstrip("/") if rewrite else ""


def _base(operation: Operation) -> str:
    upstream = operation.version.upstream
    return urlsplit(upstream.url).path.rstrip("/") if upstream else ""
