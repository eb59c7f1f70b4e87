"""The reference page of policies: their order, levels, merge rules, what each engine can do, and their fields."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from waypost.application.policies.kinds import KINDS, KindInfo
from waypost.contracts.drivers import Capability, DriverOptions
from waypost.contracts.ir.order import ORDER, POSITION
from waypost.contracts.vocab import PolicyKind
from waypost.integration.gateways.registry import factories

RULES = """# Policies

A policy is kept intent: a typed document of one kind, at the hub, a team, an API, a version, an operation or a plan.
What holds for an operation in the end is resolved for each kind by itself:

1. The nearest place wins: operation, version, API, team, hub, and last the default.
2. A policy that is *locked* (at the hub or a team) stands before all nearer ones; the widest lock first. Saving
   something else below it is refused with the locking place named.
3. A kind that *replaces* is taken whole from the place that wins.
4. A kind that *merges* builds the lists named below from all places; of items that are the same one, the place that
   wins keeps its own. Each other field comes from the first place that says something (differs from its default).

What stands at a plan comes on top, for its subscribers: its limits and quotas hold beside those of the operation, and
its scopes are what its subscribers have with a credential that carries none of its own.
`GET /versions/{id}/effective-policies`, `waypost policy effective` and the console show what holds and where each part
of it comes from. Secrets (`client_secret`, and values marked `secret`) are sealed and never shown again; sent empty,
they stay as they are.

Before a change, `POST …/policies/{kind}/plan` and `waypost policy plan` say which APIs, gateways and callers
of the last 30 days it would touch, and what the engines of those gateways cannot do.

## Order of execution

The same on every engine. The first that refuses answers; what comes after it neither happens nor counts the call.
"""


def policies_page() -> str:
    """The whole page."""
    lines = [RULES, *_order(), "", "## Engines", "", *_engines(), "", "## Kinds", ""]
    for step in ORDER:
        lines += [*_kind(KINDS[step.kind]), ""]
    return "\n".join(lines)


def _order() -> Iterator[str]:
    yield "| | stage | kind | stands at | merge | may answer |"
    yield "|---|---|---|---|---|---|"
    for step in ORDER:
        info = KINDS[step.kind]
        lists = f" ({', '.join(f'`{name}`' for name in info.unites)})" if info.unites else ""
        refuses = ", ".join(f"`{code}`" for code in step.refuses)
        levels = ", ".join(info.levels)
        yield f"| {POSITION[step.kind]} | {step.stage} | `{step.kind}` | {levels} | {info.merge}{lists} | {refuses} |"


def _engines() -> Iterator[str]:
    known = _capabilities()
    yield "What an engine cannot do is refused by name when a version is published or a policy saved."
    yield "`countries` needs a GeoIP database on the gateway as well (`WAYPOST_GEOIP_DATABASE`)."
    yield ""
    yield f"| kind | {' | '.join(known)} |"
    yield "|---" * (len(known) + 1) + "|"
    for step in ORDER:
        yield f"| `{step.kind}` | {' | '.join(_can(step.kind, held) for held in known.values())} |"


def _capabilities() -> Mapping[str, frozenset[Capability]]:
    found = {}
    for engine, factory in sorted(factories().items()):
        with tempfile.TemporaryDirectory() as directory:
            found[engine.value] = factory(_options(directory)).info.capabilities
    return found


def _options(directory: str) -> DriverOptions:
    """As of a gateway that has a GeoIP database."""
    return DriverOptions(gateway_id="reference", directory=directory, geoip_database="countries.mmdb")


def _can(kind: PolicyKind, held: frozenset[Capability]) -> str:
    extra = {PolicyKind.SCOPES: {Capability.ROLES}}.get(kind, set())
    wanted = {item for item in Capability if item.value.split(".")[0] == kind.value} | extra
    missing = sorted(item.value for item in wanted - held)
    if not missing:
        return "yes"
    return "no" if len(missing) == len(wanted) else "not " + ", ".join(f"`{name}`" for name in missing)


def _kind(info: KindInfo) -> Iterator[str]:
    yield f"### `{info.kind}`: {info.title}"
    yield ""
    yield (info.model.__doc__ or "").strip().splitlines()[0]
    yield ""
    yield "| field | default | meaning |"
    yield "|---|---|---|"
    yield from _fields(info.model.model_json_schema(), info.model.model_json_schema(), "")


def _fields(schema: dict[str, Any], root: dict[str, Any], prefix: str) -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        default = f"`{field['default']!r}`" if "default" in field and not _inner(field, root) else ""
        yield f"| `{prefix}{name}` | {default.replace('True', 'true').replace('False', 'false')} | {_meaning(field)} |"
        inner = _inner(field, root)
        if inner is not None:
            yield from _fields(inner, root, f"{prefix}{name}{'[]' if field.get('type') == 'array' else ''}.")


def _inner(field: dict[str, Any], root: dict[str, Any]) -> dict[str, Any] | None:
    """The object that a field or its items are."""
    options = [field, field.get("items", {}), *field.get("anyOf", [])]
    names = [option["$ref"].rsplit("/", 1)[-1] for option in options if isinstance(option, dict) and "$ref" in option]
    found = [root["$defs"][name] for name in names]
    return next((item for item in found if "properties" in item), None)


def _meaning(field: dict[str, Any]) -> str:
    return str(field.get("description", "")).replace("|", "\\|").replace("\n", " ")
