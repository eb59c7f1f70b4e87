"""Whatever is saved compiles, and what it compiles to passes the checks of the IR: the two never disagree."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.application.gateways.cases import HUB, ORDERS, PolicyState

from waypost.application.gateways.compile import compile_api
from waypost.application.policies.errors import PolicyInvalid
from waypost.application.policies.kinds import KINDS
from waypost.application.policies.registry import read_config
from waypost.application.policies.secrets import fill, redacted, split
from waypost.contracts.ir.validate import validate_api
from waypost.contracts.vocab import PolicyLevel

TARGETS = {"hub": "hub", "team": "team_1", "api": "api_orders", "version": "ver_1", "operation": "op_list"}
TARGETS["plan"] = "plan_free"
TEXTS = st.one_of(
    st.sampled_from(
        [
            *("hub", "iss_1", "a", "x-a", "x-b", "/a", "/{plan.name}", "{claim.sub}", "{{", "10.0.0.0/8", "::/0", "DE"),
            *("https://a.example", "08:00", "24:00", "2026-01-01T00:00:00Z", "ab" * 32, "CN=a", "text/plain", "a:b"),
        ]
    ),
    st.text(alphabet="aZ0-_.:/%{}\"'\\\r\n\t\x00 é*@#?&=;", max_size=8),
)


def of_schema(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema roughly describes."""
    if "$ref" in schema:
        return of_schema(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    if "anyOf" in schema:
        return st.one_of(*(of_schema(option, root) for option in schema["anyOf"]))
    if schema.get("type") == "object":
        needed = set(schema.get("required", ()))
        fields = {name: of_schema(item, root) for name, item in schema.get("properties", {}).items()}
        return st.fixed_dictionaries(
            {name: item for name, item in fields.items() if name in needed},
            optional={name: item for name, item in fields.items() if name not in needed},
        )
    if schema.get("type") == "array":
        return st.lists(of_schema(schema["items"], root), max_size=3)
    simple = {
        "boolean": st.booleans(),
        "null": st.none(),
        "integer": st.integers(min(schema.get("minimum", 0), 1), min(schema.get("maximum", 2**40), 2**40)),
    }
    return simple.get(schema.get("type", ""), TEXTS)


@pytest.mark.parametrize(("kind", "level"), [(kind, info.levels[-1]) for kind, info in KINDS.items()])
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_saved_is_sound(kind: str, level: PolicyLevel, data: st.DataObject) -> None:
    schema = KINDS[kind].model.model_json_schema()
    given_config = data.draw(of_schema(schema, schema))
    assume(isinstance(given_config, dict))
    try:
        config = read_config(KINDS[kind], given_config, level=level)
        masked, secrets = split(config)
    except PolicyInvalid as error:
        assert error.errors
        return
    assert read_config(KINDS[kind], fill(masked, secrets), level=level) == config
    if kind == "jwt" and any(item["issuer"] not in ORDERS.key_sets for item in config["issuers"]):
        return
    if kind == "jwt" and any({"HS256", "EdDSA", "PS256"} & set(item["algorithms"]) for item in config["issuers"]):
        return
    for shown in (config, redacted(masked)):
        state = replace(ORDERS, policies=(PolicyState(target_id=TARGETS[level], kind=kind, config=shown),))
        problems = [
            str(item)
            for item in validate_api(compile_api(state, public_url=HUB.public_url))
            if "there is none" not in str(item)
        ]
        assert problems == []
