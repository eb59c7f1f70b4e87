"""A sample value from a JSON Schema: always the same for the same schema, small, and finite for circular ones.

Source: JSON Schema draft 2020-12 (OpenAPI 3.1) and the Schema Object of OpenAPI 3.0.
"""

from __future__ import annotations

from typing import Any

from waypost.integration.importers import scalars
from waypost.integration.importers.pointers import MISSING
from waypost.integration.importers.refs import References
from waypost.integration.importers.schemas import Flattener, literal, type_of

# Objects nested deeper than this show their required members only.
_GENEROUS_DEPTH = 5
# Deeper than this nothing more is made up, required or not.
_DEEPEST = 12
_MOST_VALUES = 400
# Required members may go over the budget by this much before the sample is given up.
_MOST_REQUIRED = 2000
# For all samples of one document, counted in keywords looked at.
_MOST_WORK = 30_000_000
_MOST_ITEMS = 5


class Sampler:
    """Makes samples for schemas of one document."""

    def __init__(self, references: References) -> None:
        self._flatten = Flattener(references)
        self._left = 0
        self._generous = True

    def sample(self, schema: Any, *, generous: bool = True) -> Any:
        """A value that fits ``schema`` as far as its keywords are understood. ``generous`` shows optional members."""
        self._left = _MOST_VALUES
        self._generous = generous
        value = self._value(schema, 0, ())
        return None if value is MISSING else value

    @property
    def exhausted(self) -> bool:
        """Whether this document has had its share of work; samples made after that are empty."""
        return self._flatten.work > _MOST_WORK

    def _value(self, schema: Any, depth: int, above: tuple[str, ...]) -> Any:
        """``MISSING`` where the schema leads back to itself or no value is left to spend."""
        self._left -= 1
        if self._left < -_MOST_REQUIRED or self.exhausted:
            return MISSING
        flat, refs = self._flatten.flat(schema, above)
        if flat is None:
            return MISSING
        given = literal(flat)
        if given is not MISSING:
            return given
        kind = type_of(flat)
        if kind == "object":
            return self._object(flat, depth, refs)
        if kind == "array":
            return self._array(flat, depth, refs)
        return scalars.sample(kind, flat)

    def _object(self, flat: dict[str, Any], depth: int, above: tuple[str, ...]) -> Any:
        required = {name for name in flat.get("required", ()) if isinstance(name, str)}
        members: dict[str, Any] = {}
        properties = flat["properties"] if isinstance(flat.get("properties"), dict) else {}
        self._flatten.work += len(properties)
        for name, schema in properties.items():
            if name not in required and not self._affords(depth):
                continue
            if isinstance(schema, dict) and schema.get("writeOnly") is True:
                continue
            value = self._value(schema, depth + 1, above) if depth < _DEEPEST else MISSING
            if value is not MISSING:
                members[name] = value
            elif name in required:
                return {} if depth == 0 else MISSING
        for name in sorted(required - properties.keys()):
            members[name] = "string"
        extra = flat.get("additionalProperties")
        if not properties and isinstance(extra, dict) and self._affords(depth):
            value = self._value(extra, depth + 1, above)
            if value is not MISSING:
                members["key"] = value
        return members

    def _affords(self, depth: int) -> bool:
        return self._generous and depth < _GENEROUS_DEPTH and self._left > 0

    def _array(self, flat: dict[str, Any], depth: int, above: tuple[str, ...]) -> Any:
        least = scalars.whole(flat.get("minItems"), 0)
        prefix = flat["prefixItems"] if isinstance(flat.get("prefixItems"), list) else []
        if depth >= _DEEPEST or flat.get("maxItems") == 0 or (not least and self._left <= 0):
            return []
        items = [self._value(schema, depth + 1, above) for schema in prefix[:_MOST_ITEMS]]
        if "items" in flat and flat["items"] is not False:
            wanted = min(max(least, 1), _MOST_ITEMS) - len(items)
            items += [self._value(flat["items"], depth + 1, above) for _ in range(wanted)]
        made = [item for item in items if item is not MISSING]
        return MISSING if least and not made and depth else made
