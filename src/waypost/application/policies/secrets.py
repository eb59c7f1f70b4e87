"""Secrets inside policies: taken out and sealed before a policy is kept, put back only for a gateway.

A kept configuration holds an empty text where a secret was; the sealed document maps each spot to its value. Who saves
an empty text where a secret is kept keeps that one.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from waypost.application.policies.errors import PolicyInvalid
from waypost.information.secrets import KeyRing
from waypost.kit.errors import FieldError

FIELDS = frozenset({"client_secret"})
"""Fields that are secret whatever is in them."""
SHOWN = "[redacted]"


def spots(config: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """(stable key, JSON pointer, holder, field) of every secret in a configuration."""
    for name, value in config.items():
        if name in FIELDS:
            yield name, f"/config/{name}", config, name
        if isinstance(value, list):
            yield from _marked(name, value)


def _marked(name: str, items: list[Any]) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    seen: Counter[str] = Counter()
    for index, item in enumerate(items):
        if isinstance(item, dict) and item.get("secret") is True:
            label = str(item.get("name", "")).lower()
            yield f"{name}/{label}/{seen[label]}", f"/config/{name}/{index}/value", item, "value"
            seen[label] += 1


def fill(config: Mapping[str, Any], kept: Mapping[str, str]) -> dict[str, Any]:
    """A copy with kept secrets where the given configuration is silent."""
    filled: dict[str, Any] = copy.deepcopy(dict(config))
    for key, _, holder, field in spots(filled):
        if not holder.get(field) and key in kept:
            holder[field] = kept[key]
    return filled


def split(config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The configuration without its secrets, and the secrets. Raises PolicyInvalid where one is missing."""
    masked: dict[str, Any] = copy.deepcopy(dict(config))
    found: dict[str, str] = {}
    missing = []
    for key, pointer, holder, field in spots(masked):
        if not holder[field] and config.get("enabled", True):
            missing.append(FieldError(pointer, "the secret is missing", "Give its value; none is kept yet."))
        found[key], holder[field] = holder[field], ""
    if missing:
        raise PolicyInvalid("A secret is missing.", errors=missing)
    return masked, {key: value for key, value in found.items() if value}


def seal(keyring: KeyRing, values: Mapping[str, str]) -> str:
    """Sealed text; empty where there is no secret."""
    return keyring.seal(json.dumps(dict(sorted(values.items())))) if values else ""


def unseal(keyring: KeyRing, sealed: str) -> dict[str, str]:
    """The inverse of :func:`seal`. Raises SecretUnreadable."""
    return dict(json.loads(keyring.open(sealed).reveal())) if sealed else {}


def redacted(config: Mapping[str, Any]) -> dict[str, Any]:
    """For eyes: every secret reads ``[redacted]``, whether one is kept or not."""
    shown: dict[str, Any] = copy.deepcopy(dict(config))
    for _, _, holder, field in spots(shown):
        holder[field] = SHOWN
    return shown
