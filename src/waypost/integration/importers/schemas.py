"""One schema as a plain set of keywords: references followed, ``allOf`` merged, one of ``oneOf``/``anyOf`` chosen."""

from __future__ import annotations

import math
from typing import Any

from waypost.integration.importers.pointers import MISSING
from waypost.integration.importers.refs import References

_MOST_PARTS = 50
_LIKE = {
    "object": ("properties", "additionalProperties", "required", "patternProperties", "maxProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
    "string": ("minLength", "maxLength", "pattern", "contentEncoding"),
    "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
}
_NUMBER_FORMATS = {"int32": "integer", "int64": "integer", "float": "number", "double": "number"}
_PYTHON: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


class Flattener:
    """Flattens schemas of one document."""

    def __init__(self, references: References) -> None:
        self._references = references
        self.work = 0

    def flat(self, schema: Any, above: tuple[str, ...]) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
        """The keywords of ``schema`` and the references met, ``above`` first.

        None instead of keywords where the schema is one that stands in ``above``, so that it would never end.
        """
        merged: dict[str, Any] = {}
        refs = self._gather(schema, above, merged, [_MOST_PARTS])
        return (None, above) if refs is None else (merged, refs)

    def _gather(
        self, schema: Any, refs: tuple[str, ...], merged: dict[str, Any], budget: list[int]
    ) -> tuple[str, ...] | None:
        """Merges ``schema`` into ``merged``. ``budget`` bounds how many parts one schema may be made of."""
        budget[0] -= 1
        if not isinstance(schema, dict) or budget[0] < 0:
            return refs
        ref = schema.get("$ref")
        if isinstance(ref, str):
            if ref in refs:
                return None
            target = self._references.target(ref)
            found = self._gather(target, (*refs, ref), merged, budget)
            if found is None:
                return None
            refs = found
        parts = schema.get("allOf")
        for part in parts if isinstance(parts, list) else ():
            found = self._gather(part, refs, merged, budget)
            if found is None:
                return None
            refs = tuple(dict.fromkeys((*refs, *found)))
        known = merged.get("properties")
        self.work += len(schema) + (len(known) if isinstance(known, dict) else 0)
        _merge(merged, schema)
        for word in ("oneOf", "anyOf"):
            if word in schema and isinstance(schema[word], list):
                refs = self._choose(schema, schema[word], refs, merged, budget) or refs
        return refs

    def _choose(
        self,
        schema: dict[str, Any],
        options: list[Any],
        refs: tuple[str, ...],
        merged: dict[str, Any],
        budget: list[int],
    ) -> tuple[str, ...] | None:
        """The first option that does not lead back; null only where nothing else does."""
        for option in sorted(options, key=_is_null):
            tried = dict(merged)
            found = self._gather(option, refs, tried, budget)
            if found is not None:
                merged.update(tried)
                _name_choice(schema, option, merged)
                return found
        return None


def _is_null(option: Any) -> bool:
    return isinstance(option, dict) and option.get("type") == "null"


def _merge(into: dict[str, Any], schema: dict[str, Any]) -> None:
    for key, value in schema.items():
        if key in ("$ref", "allOf", "oneOf", "anyOf"):
            continue
        known = into.get(key)
        if key == "properties" and isinstance(value, dict) and isinstance(known, dict):
            into[key] = {**known, **value}
        elif key == "required" and isinstance(value, list) and isinstance(known, list):
            into[key] = known + value
        else:
            into[key] = value


def _name_choice(schema: dict[str, Any], option: Any, merged: dict[str, Any]) -> None:
    """Gives the discriminator the value that names the chosen option."""
    discriminator = schema.get("discriminator")
    if not isinstance(discriminator, dict) or not isinstance(option, dict):
        return
    name, ref = discriminator.get("propertyName"), option.get("$ref")
    if not isinstance(name, str) or not isinstance(ref, str):
        return
    mapping = discriminator.get("mapping")
    named = [k for k, v in mapping.items() if v == ref] if isinstance(mapping, dict) else []
    known = merged.get("properties")
    properties = known if isinstance(known, dict) else {}
    own = properties.get(name)
    if not named and isinstance(own, dict) and (own.get("enum") or "const" in own):
        return
    value = named[0] if named else ref.rsplit("/", 1)[-1]
    merged["properties"] = {**properties, name: {"const": value}}


def type_of(flat: dict[str, Any]) -> str:
    """The type a value should have: the first that is not null, or what the keywords suggest; '' for any."""
    kind = flat.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    if isinstance(kind, str) and kind in _PYTHON:
        return kind
    for guess, keywords in _LIKE.items():
        if any(word in flat for word in keywords):
            return guess
    written = flat.get("format")
    if isinstance(written, str):
        return _NUMBER_FORMATS.get(written, "string")
    return ""


def literal(flat: dict[str, Any]) -> Any:
    """A value that the author wrote down and that has the right type, or ``MISSING``."""
    kind = type_of(flat)
    for value in _written(flat):
        fitting = _fit(value, kind)
        if fitting is not MISSING and _allowed(fitting, flat):
            return fitting
    return None if flat.get("enum") == [None] else MISSING


def _written(flat: dict[str, Any]) -> list[Any]:
    listed = flat.get("examples")
    enum = flat.get("enum")
    found = [flat[key] for key in ("const", "example") if flat.get(key) is not None]
    found += listed if isinstance(listed, list) else []
    found += [flat["default"]] if flat.get("default") is not None else []
    found += enum if isinstance(enum, list) else []
    return found


def _allowed(value: Any, flat: dict[str, Any]) -> bool:
    """Examples and defaults are often older than the enumeration beside them."""
    enum = flat.get("enum")
    return not isinstance(enum, list) or value in enum


def _fit(value: Any, kind: str) -> Any:
    """``value`` in the type ``kind``; numbers and booleans are often written as text."""
    if not kind:
        return value
    python = _PYTHON[kind]
    if isinstance(value, bool) and kind not in ("boolean", "string"):
        return MISSING
    if isinstance(value, python):
        return value
    return _parsed(value, kind) if isinstance(value, str) else _converted(value, kind)


def _converted(value: Any, kind: str) -> Any:
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "string" and isinstance(value, int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return MISSING


def _parsed(value: str, kind: str) -> Any:
    if kind == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind not in ("integer", "number") or len(value) > 18:
        return MISSING
    try:
        number = float(value) if kind == "number" else int(value)
    except ValueError:
        return MISSING
    return number if math.isfinite(number) else MISSING
