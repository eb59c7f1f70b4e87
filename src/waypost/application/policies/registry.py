"""Reading a configuration: the kind that may stand at a level, and its document checked and normalised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from waypost.application.policies.errors import PolicyInvalid, PolicyKindUnknown
from waypost.application.policies.kinds import KINDS, KindInfo
from waypost.application.words import field_error
from waypost.contracts.vocab import PolicyLevel
from waypost.kit.errors import FieldError


def kind_info(kind: str, *, level: PolicyLevel) -> KindInfo:
    """The kind that may stand at ``level``; raises :class:`PolicyKindUnknown`."""
    info = KINDS.get(kind)
    if info is None or level not in info.levels:
        allowed = ", ".join(name for name, item in KINDS.items() if level in item.levels)
        where = f" It stands at: {', '.join(info.levels)}." if info else ""
        raise PolicyKindUnknown(
            f"`{kind}` is no policy kind of the level {level}.{where}", hint=f"Here use one of: {allowed}."
        )
    return info


def read_config(info: KindInfo, config: Mapping[str, Any], *, level: PolicyLevel) -> dict[str, Any]:
    """``config`` checked and normalised to plain data; :class:`PolicyInvalid` names every field that is wrong."""
    try:
        model = info.model.model_validate(dict(config))
    except ValidationError as error:
        raise PolicyInvalid(f"The configuration of `{info.kind}` cannot be used.", errors=_fields(error)) from error
    errors = info.check(model, level) if info.check else []
    if errors:
        raise PolicyInvalid(errors[0].message, errors=errors)
    return model.model_dump(mode="json")


def _fields(error: ValidationError) -> list[FieldError]:
    items = error.errors(include_url=False, include_input=False)
    return [field_error(item, below="/config") for item in items]
