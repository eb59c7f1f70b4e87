"""Canonical form of the IR: plain data, YAML and JSON both ways, and the content hash.

Canonical means: keys in the dataclass's order, defaults written except an absent (None) one, enums by value, secrets
``[redacted]`` unless asked for.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import types
import typing
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar, Union

import yaml

from waypost.kit.crypto import Secret

T = TypeVar("T")


def to_plain(value: Any, *, reveal: bool = False) -> Any:
    """Dataclasses to dicts, tuples to lists, enums and dates to strings. ``reveal`` writes secrets in clear."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        optional = _optional(type(value))
        items = ((name, getattr(value, name)) for name in _field_names(type(value)))
        return {name: to_plain(item, reveal=reveal) for name, item in items if item is not None or name not in optional}
    if isinstance(value, tuple | list):
        return [to_plain(item, reveal=reveal) for item in value]
    if isinstance(value, dict):
        return {str(key): to_plain(item, reveal=reveal) for key, item in value.items()}
    if isinstance(value, Secret):
        return value.reveal() if reveal else str(value)
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime) else value


def from_plain(kind: type[T], data: Any) -> T:
    """The inverse of :func:`to_plain`; ValueError names the path of what does not fit."""
    result: T = _build(kind, data, kind.__name__)
    return result


def to_yaml(value: Any) -> str:
    """Canonical YAML for people and golden files; secrets are redacted."""
    return yaml.safe_dump(to_plain(value), sort_keys=False, allow_unicode=True, width=110)


def from_yaml(kind: type[T], text: str) -> T:
    """Read what :func:`to_yaml` wrote."""
    return from_plain(kind, yaml.safe_load(text))


def content_hash(value: Any) -> str:
    """Hex SHA-256 (first 32 characters) of the canonical JSON, secrets included by value."""
    return plain_hash(to_plain(value, reveal=True))


def plain_hash(plain: Any) -> str:
    """The content hash of what :func:`to_plain` gave with its secrets."""
    text = json.dumps(plain, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@functools.cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@functools.cache
def _optional(kind: type) -> frozenset[str]:
    return frozenset(field.name for field in dataclasses.fields(kind) if field.default is None)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _build(kind: Any, data: Any, path: str) -> Any:
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        return _build_union(kind, data, path)
    if origin is tuple:
        return _build_tuple(kind, data, path)
    if origin is dict:
        value_kind = typing.get_args(kind)[1]
        return {key: _build(value_kind, item, f"{path}.{key}") for key, item in _expect(data, dict, path).items()}
    if kind is Any:
        return data
    return _build_plain(kind, data, path)


def _build_plain(kind: Any, data: Any, path: str) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _build_dataclass(kind, data, path)
    if kind is Secret:
        return Secret(_expect(data, str, path))
    if kind is datetime:
        return datetime.fromisoformat(_expect(data, str, path))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum(kind, data, path)
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    return _expect(data, kind, path)


def _enum(kind: type[Enum], data: Any, path: str) -> Enum:
    try:
        return kind(data)
    except ValueError as error:
        raise ValueError(f"{path}: {data!r} is not one of {', '.join(str(item.value) for item in kind)}") from error


def _build_union(kind: Any, data: Any, path: str) -> Any:
    options = [option for option in typing.get_args(kind) if option is not type(None)]
    if data is None:
        return None
    return _build(options[0], data, path)


def _build_tuple(kind: Any, data: Any, path: str) -> Any:
    args = typing.get_args(kind)
    items = _expect(data, list, path)
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(_build(args[0], item, f"{path}[{index}]") for index, item in enumerate(items))
    if len(items) != len(args):
        raise ValueError(f"{path}: expected {len(args)} items, got {len(items)}")
    return tuple(_build(arg, item, f"{path}[{i}]") for i, (arg, item) in enumerate(zip(args, items, strict=True)))


def _build_dataclass(kind: type, data: Any, path: str) -> Any:
    hints = _hints(kind)
    values = _expect(data, dict, path)
    unknown = set(values) - set(_field_names(kind))
    if unknown:
        raise ValueError(f"{path}: unknown field {sorted(unknown)[0]!r}")
    try:
        return kind(**{name: _build(hints[name], item, f"{path}.{name}") for name, item in values.items()})
    except TypeError as error:
        raise ValueError(f"{path}: {error}") from error


def _expect(data: Any, kind: type, path: str) -> Any:
    wrong_bool = isinstance(data, bool) and kind is not bool
    if not isinstance(data, kind) or wrong_bool:
        raise ValueError(f"{path}: expected {kind.__name__}, got {type(data).__name__}")
    return data
