"""Query edits: parameters dropped, replaced or added; the others keep their order and encoding."""

from __future__ import annotations

import re
from urllib.parse import quote

from waypost.contracts.ir import QueryEdit
from waypost.integration.gateways.haproxy.context import when
from waypost.integration.gateways.haproxy.filters.key_auth import without_parameter
from waypost.integration.gateways.haproxy.templates import query_text
from waypost.integration.gateways.haproxy.text import literal, word

_THERE = "{ query -m len gt 0 }"


def rules(edit: QueryEdit, condition: str) -> list[str]:
    """Remove, then set."""
    gone = [*edit.remove, *(name for name, _ in edit.set)]
    lines = [_without(name) + when(condition, f"{{ query -m reg {word(_there(name))} }}") for name in gone]
    for name, value in edit.set:
        pair = f"{literal(quote(name, safe=''))}={query_text(value)}"
        lines.append(f"http-request set-query {word(f'%[query]&{pair}')}{when(condition, _THERE)}")
        lines.append(f"http-request set-query {word(pair)}{when(condition, f'!{_THERE}')}")
    return [*lines, f"http-request set-uri %[path]{when(condition, '{ query -m len 0 }')}"]


def _without(name: str) -> str:
    pattern = _spelled(name).replace("\\", "\\\\")
    return f"http-request set-query {word(without_parameter(pattern))}"


def _there(name: str) -> str:
    return f"(^|&){_spelled(name)}(=|&|$)"


def _spelled(name: str) -> str:
    """A name, however its characters are encoded."""
    return "".join(_character(char) for char in name)


def _character(char: str) -> str:
    code = f"{ord(char):02x}"
    digits = "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in code)
    return f"(?:{re.escape(char)}|%{digits})"
