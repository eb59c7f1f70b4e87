"""What pydantic finds wrong, in words for people: what, where, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from waypost.kit.errors import FieldError
from waypost.kit.text import SHAPES, sentence

_WORDS: Mapping[str, str] = {
    "missing": "This is missing; give a value.",
    "extra_forbidden": "There is no field of this name; check its spelling, or leave it out.",
    "string_too_long": "This is too long: at most {max_length} characters.",
    "too_short": "This needs at least {min_length} of them; there are {actual_length}.",
    "too_long": "This takes at most {max_length} of them.",
    "greater_than": "This must be more than {gt}.",
    "greater_than_equal": "This must be {ge} or more.",
    "less_than": "This must be less than {lt}.",
    "less_than_equal": "This must be {le} or less.",
    "literal_error": "This must be {expected}.",
    "enum": "This must be {expected}.",
    **dict.fromkeys(("string_type", "string_unicode"), "This must be text."),
    **dict.fromkeys(("bool_type", "bool_parsing"), "This must be true or false."),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "This must be a whole number."),
    "int_parsing_size": "This number is too large.",
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "This must be a number."),
    **dict.fromkeys(("list_type", "tuple_type", "set_type"), "This must be a list."),
    **dict.fromkeys(
        ("dict_type", "mapping_type", "model_type", "model_attributes_type", "dataclass_type"),
        "This must be an object with named fields.",
    ),
    **dict.fromkeys(
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"),
        "This must be a date and time such as 2026-01-31T12:00:00Z.",
    ),
    **dict.fromkeys(("date_type", "date_parsing"), "This must be a date such as 2026-01-31."),
    "timezone_aware": "This must say its time zone, as in 2026-01-31T12:00:00Z.",
}
_BRANCH = re.compile(r"[\[(]")
"""Pydantic puts the branches of a union (``literal['']``, ``function-after[…]``) into the location: no field names."""


def field_error(item: Mapping[str, Any], *, below: str = "") -> FieldError:
    """One of ``ValidationError.errors()``; its pointer begins with ``below``."""
    return FieldError(below + pointer(item["loc"]), message(item))


def pointer(loc: Sequence[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a location."""
    named = (str(part) for part in loc if not _BRANCH.search(str(part)))
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in named)


def message(item: Mapping[str, Any]) -> str:
    """A sentence that says what is wrong and what is asked for, without quoting what was sent."""
    kind, given = item["type"], item.get("ctx", {})
    if kind == "string_pattern_mismatch" and given["pattern"] in SHAPES:
        return f"This must be {SHAPES[given['pattern']]}."
    if kind == "string_too_short":
        least = given["min_length"]
        return "This must not be empty." if least == 1 else f"This is too short: at least {least} characters."
    if kind in _WORDS:
        return _WORDS[kind].format_map(given)
    own = item["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return sentence(re.sub(r"^[A-Za-z ]*\bshould\b", "This must", own))
