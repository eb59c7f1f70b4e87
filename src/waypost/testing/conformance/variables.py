"""``${name}`` in a case. A text that is nothing but one variable takes the variable's type."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

from waypost.testing.conformance import certificates, keyring

_VARIABLE = re.compile(r"\$\{([A-Za-z0-9_.+: -]+)\}")


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """``value`` with its variables replaced, however deep they stand; ValueError for one that does not exist."""
    if isinstance(value, str):
        return _text(value, known)
    if isinstance(value, dict):
        return {_text(key, known) if isinstance(key, str) else key: filled(item, known) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [filled(item, known) for item in value]
    return value


def text(value: str, known: Mapping[str, Any]) -> str:
    """The same, always as text."""
    return str(_text(value, known))


def _text(value: str, known: Mapping[str, Any]) -> Any:
    whole = _VARIABLE.fullmatch(value)
    if whole:
        return _value(whole[1], known)
    return _VARIABLE.sub(lambda found: str(_value(found[1], known)), value)


def _value(name: str, known: Mapping[str, Any]) -> Any:
    if name in known:
        return known[name]
    family, _, rest = name.partition(".")
    if family in _MADE and rest:
        return _MADE[family](rest)
    raise ValueError(f"there is no variable ${{{name}}}; there are {', '.join(sorted(known))}")


_MADE: Mapping[str, Callable[[str], str]] = {
    "long": lambda count: "x" * int(count),
    "quotes": lambda count: '"' * int(count),
    "lines": lambda count: "".join(f"x-{number}: 1\r\n" for number in range(int(count))),
    "jwks": keyring.jwks,
    "certificate": certificates.fingerprint,
    "subject": certificates.subject,
    "basic": lambda text: base64.b64encode(text.encode()).decode(),
}
