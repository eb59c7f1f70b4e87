"""Which kinds there are, where each may stand, and the checks that look at more than one field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from waypost.application.policies.errors import PolicyInvalid, PolicyKindUnknown
from waypost.application.policies.kinds import (
    Config,
    CorsConfig,
    HeadersConfig,
    KeyAuthConfig,
    MockConfig,
    PathRewriteConfig,
    TimeoutConfig,
)
from waypost.application.policies.names import FRAMING, HOP_BY_HOP, INTERNAL_PREFIXES
from waypost.contracts.vocab import PolicyKind
from waypost.kit.errors import FieldError

Check = Callable[[Any], list[FieldError]]


@dataclass(frozen=True, slots=True)
class KindInfo:
    """One kind: its name for people, the levels it may stand at, its model."""

    kind: PolicyKind
    title: str
    levels: tuple[str, ...]
    model: type[Config]
    check: Check | None = None


def _check_key_auth(config: KeyAuthConfig) -> list[FieldError]:
    if config.enabled and not (config.header or config.query or config.cookie):
        return [
            FieldError("/config/header", "no place is left where a key could be", "Name a header, query or cookie.")
        ]
    if config.header in HOP_BY_HOP | FRAMING | {"cookie"} or config.header.startswith(INTERNAL_PREFIXES):
        return [FieldError("/config/header", f"`{config.header}` has another meaning", "Use a header like x-api-key.")]
    return []


def _check_cors(config: CorsConfig) -> list[FieldError]:
    errors = []
    if "*" in config.origins and config.credentials:
        errors.append(
            FieldError(
                "/config/credentials",
                "credentials together with origin `*` would let every web page act for its visitor",
                "List the origins one by one, or switch credentials off.",
            )
        )
    if "*" in config.origins and len(config.origins) > 1:
        errors.append(FieldError("/config/origins", "`*` already means every origin", "Keep `*` alone or drop it."))
    return errors


def _check_headers(config: HeadersConfig) -> list[FieldError]:
    errors = []
    for field in ("request_set", "response_set"):
        names = [item.name for item in getattr(config, field)]
        for index, name in enumerate(names):
            if name in names[:index]:
                errors.append(
                    FieldError(f"/config/{field}/{index}/name", f"`{name}` is set twice", "Keep one of them.")
                )
    return errors


def _check_mock(config: MockConfig) -> list[FieldError]:
    answer = config.answer
    if answer is not None and answer.status in {204, 205, 304} and answer.body:
        return [
            FieldError("/config/answer/body", f"an answer with status {answer.status} has no body", "Empty the body.")
        ]
    return []


_ALL = (
    KindInfo(PolicyKind.KEY_AUTH, "API key", ("api",), KeyAuthConfig, _check_key_auth),
    KindInfo(PolicyKind.CORS, "Cross-origin calls (CORS)", ("api",), CorsConfig, _check_cors),
    KindInfo(PolicyKind.HEADERS, "Header edits", ("version", "operation"), HeadersConfig, _check_headers),
    KindInfo(PolicyKind.PATH_REWRITE, "Path rewrite", ("version", "operation"), PathRewriteConfig),
    KindInfo(PolicyKind.TIMEOUT, "Timeout", ("version", "operation"), TimeoutConfig),
    KindInfo(PolicyKind.MOCK, "Mock answers", ("version", "operation"), MockConfig, _check_mock),
)
KINDS: Mapping[str, KindInfo] = {info.kind.value: info for info in _ALL}


def kind_info(kind: str, *, level: str) -> KindInfo:
    """The kind that may stand at ``level``; raises :class:`PolicyKindUnknown`."""
    info = KINDS.get(kind)
    if info is None or level not in info.levels:
        allowed = ", ".join(name for name, item in KINDS.items() if level in item.levels)
        raise PolicyKindUnknown(f"`{kind}` is no policy kind of the level {level}.", hint=f"Use one of: {allowed}.")
    return info


def read_config(info: KindInfo, config: Mapping[str, Any]) -> dict[str, Any]:
    """``config`` checked and normalised to plain data; :class:`PolicyInvalid` names every field that is wrong."""
    try:
        model = info.model.model_validate(dict(config))
    except ValidationError as error:
        raise PolicyInvalid(f"The configuration of `{info.kind}` cannot be used.", errors=_fields(error)) from error
    errors = info.check(model) if info.check else []
    if errors:
        raise PolicyInvalid(errors[0].message, errors=errors)
    return model.model_dump(mode="json")


def _fields(error: ValidationError) -> list[FieldError]:
    items = error.errors(include_url=False, include_input=False, include_context=False)
    return [FieldError(_pointer(item["loc"]), item["msg"].removeprefix("Value error, ")) for item in items]


def _pointer(loc: tuple[int | str, ...]) -> str:
    # Pydantic puts the branches of a union ("literal['']", "function-after[…]") into the location: no field names.
    return "/config" + "".join(f"/{part}" for part in loc if "[" not in str(part))
