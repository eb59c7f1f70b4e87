"""Paths, parameters and responses of Swagger 2.0 as OpenAPI 3.0 has them."""

from __future__ import annotations

from typing import Any

from waypost.integration.importers import pointers
from waypost.integration.importers.pointers import MISSING
from waypost.integration.importers.problems import ProblemLog
from waypost.integration.importers.swagger2_schemas import Schemas

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_STYLES = {
    "csv": ("simple", False),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
_PARAMETER_KEYS = ("name", "in", "description", "required", "allowEmptyValue", "deprecated")
_NOT_SCHEMA = (*_PARAMETER_KEYS, "collectionFormat", "schema")


class Operations:
    """Converts the operations of ``source``. Wrong types are passed on unchanged for the reader to name."""

    def __init__(self, source: dict[str, Any], schemas: Schemas, notes: ProblemLog) -> None:
        self._source = source
        self._schemas = schemas
        self._notes = notes
        self._consumes = _media(source.get("consumes"))
        self._produces = _media(source.get("produces"))
        shared = source.get("parameters")
        self._shared: dict[str, Any] = shared if isinstance(shared, dict) else {}

    def paths(self, paths: Any) -> Any:
        """``paths`` with every operation converted."""
        if not isinstance(paths, dict):
            return paths
        return {
            path: self._path(item, pointers.join("/paths", path)) if isinstance(item, dict) else item
            for path, item in paths.items()
        }

    def _path(self, item: dict[str, Any], pointer: str) -> dict[str, Any]:
        shared = item.get("parameters")
        common = shared if isinstance(shared, list) else []
        converted: dict[str, Any] = {}
        for key, value in item.items():
            if key in _METHODS and isinstance(value, dict):
                converted[key] = self._operation(value, common, pointers.join(pointer, key))
            elif key == "parameters" and isinstance(value, list):
                converted[key] = [self.parameter(p) for p in value if not _in_body(self._resolved(p))]
            else:
                converted[key] = value
        return converted

    def _operation(self, operation: dict[str, Any], common: list[Any], pointer: str) -> dict[str, Any]:
        kept = {k: v for k, v in operation.items() if k not in ("consumes", "produces", "schemes", "parameters")}
        own = operation.get("parameters")
        parameters = own if isinstance(own, list) else []
        plain = [self.parameter(p) for p in parameters if not _in_body(self._resolved(p))]
        if plain or not isinstance(own, list | None):
            kept["parameters"] = plain or own
        inside = [self._resolved(p) for p in (*common, *parameters)]
        body = self._body([p for p in inside if _in_body(p)], _media(operation.get("consumes")) or self._consumes)
        if body is not None:
            kept["requestBody"] = body
        produces = _media(operation.get("produces")) or self._produces
        if isinstance(operation.get("responses"), dict):
            kept["responses"] = {code: self.response(value, produces) for code, value in operation["responses"].items()}
        if any(p.get("collectionFormat") == "tsv" for p in inside if isinstance(p, dict)):
            self._notes.info(
                "tsv_dropped",
                "OpenAPI 3 has no tab-separated parameters; they are shown as comma-separated.",
                "Nothing to do for calls: the gateway does not look at it.",
                pointer,
            )
        return kept

    def _resolved(self, parameter: Any) -> Any:
        if not isinstance(parameter, dict) or not isinstance(ref := parameter.get("$ref"), str):
            return parameter
        if not ref.startswith("#/"):
            return parameter
        found = pointers.look_up(self._source, pointers.fragment_tokens(ref[1:]))
        return parameter if found is MISSING else found

    def parameter(self, value: Any) -> Any:
        """A parameter that stands in path, query or header."""
        if not isinstance(value, dict):
            return value
        if isinstance(value.get("$ref"), str):
            return {"$ref": self._schemas.reference(value["$ref"])}
        converted = {k: v for k, v in value.items() if k in _PARAMETER_KEYS or k.startswith("x-")}
        converted["schema"] = self._value_schema(value)
        style = _STYLES.get(str(value.get("collectionFormat", "csv" if value.get("type") == "array" else "")))
        if style is not None:
            name, explode = style
            in_query = value.get("in") == "query"
            converted["style"] = "form" if in_query and name == "simple" else name
            converted["explode"] = explode
        return converted

    def _value_schema(self, value: dict[str, Any]) -> Any:
        inline = {k: v for k, v in value.items() if k not in _NOT_SCHEMA and not k.startswith("x-")}
        return self._schemas.schema(inline)

    def _body(self, inside: list[dict[str, Any]], consumes: list[str]) -> dict[str, Any] | None:
        bodies = [p for p in inside if p.get("in") == "body"]
        if bodies:
            return self._request_body(bodies[-1], consumes)
        return self._form(inside, consumes) if inside else None

    def _request_body(self, parameter: dict[str, Any], consumes: list[str]) -> dict[str, Any]:
        schema = self._schemas.schema(parameter.get("schema", {}))
        types = consumes or ["application/json"]
        body: dict[str, Any] = {"content": {media: {"schema": schema} for media in types}}
        body.update({k: parameter[k] for k in ("description", "required") if k in parameter})
        return body

    def _form(self, fields: list[dict[str, Any]], consumes: list[str]) -> dict[str, Any]:
        named = {str(f.get("name")): f for f in fields}
        files = any(f.get("type") == "file" for f in named.values())
        types = [m for m in consumes if m.split(";")[0].strip() in _FORM_TYPES] or [_FORM_TYPES[files]]
        schema: dict[str, Any] = {"type": "object", "properties": {}}
        for name, value in named.items():
            described = {"description": value["description"]} if "description" in value else {}
            schema["properties"][name] = {**self._value_schema(value), **described}
        required = [name for name, value in named.items() if value.get("required") is True]
        if required:
            schema["required"] = required
        return {"content": {media: {"schema": schema} for media in types}}

    def response(self, value: Any, produces: list[str]) -> Any:
        """One response; its examples say which media types it has beside ``produces``."""
        if not isinstance(value, dict):
            return value
        if isinstance(value.get("$ref"), str):
            return {"$ref": self._schemas.reference(value["$ref"])}
        converted = {k: v for k, v in value.items() if k == "description" or k.startswith("x-")}
        converted.setdefault("description", "")
        if isinstance(value.get("headers"), dict):
            converted["headers"] = {name: self._header(h) for name, h in value["headers"].items()}
        content = self._content(value, produces)
        if content:
            converted["content"] = content
        return converted

    def _content(self, value: dict[str, Any], produces: list[str]) -> dict[str, Any]:
        given = value.get("examples")
        examples = {k: v for k, v in given.items() if "/" in k} if isinstance(given, dict) else {}
        schema = self._schemas.schema(value["schema"]) if "schema" in value else None
        types = (produces or ["application/json"]) if schema is not None else []
        content: dict[str, Any] = {}
        for media in dict.fromkeys((*types, *examples)):
            content[media] = {} if schema is None else {"schema": schema}
            if media in examples:
                content[media]["example"] = examples[media]
        return content

    def _header(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        described = {"description": value["description"]} if "description" in value else {}
        return {**described, "schema": self._value_schema(value)}

    def shared_parameters(self) -> dict[str, Any]:
        """``components.parameters``: the shared ones that are no bodies."""
        return {name: self.parameter(p) for name, p in self._shared.items() if not _in_body(p)}

    def shared_bodies(self) -> dict[str, Any]:
        """``components.requestBodies``: the shared body parameters."""
        bodies = {n: p for n, p in self._shared.items() if isinstance(p, dict) and p.get("in") == "body"}
        return {name: self._request_body(p, self._consumes) for name, p in bodies.items()}

    def shared_responses(self) -> Any:
        """``components.responses``."""
        shared = self._source.get("responses")
        if not isinstance(shared, dict):
            return shared
        return {name: self.response(value, self._produces) for name, value in shared.items()}


def _in_body(parameter: Any) -> bool:
    return isinstance(parameter, dict) and parameter.get("in") in ("body", "formData")


def _media(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str) and "/" in item] if isinstance(value, list) else []
