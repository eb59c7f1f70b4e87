"""Nobody is told a regular expression or a word of the schema library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator
from pydantic_core._pydantic_core import list_all_errors

from waypost.application.parts import Parts
from waypost.application.policies.kinds import KINDS
from waypost.application.words import field_error, message, pointer
from waypost.interaction.api.app import create_app
from waypost.kit.text import SHAPES, SLUG_PATTERN, sentence

LIBRARY = re.compile(r"\b(should|input|string|regex|pattern|valid|boolean|integer|dict(ionary)?)\b", re.IGNORECASE)


def patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from patterns(part)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_pattern_that_people_meet_has_words(parts: Parts) -> None:
    kinds = [info.model.model_json_schema() for info in KINDS.values()]
    met = {*patterns(create_app(parts).openapi()), *patterns(kinds)}
    assert len(met) > 15
    assert met - SHAPES.keys() == set()


def test_an_error_of_any_kind_is_a_sentence() -> None:
    for kind in list_all_errors():
        given = kind.get("example_context") or {}
        msg = kind["message_template_python"].format_map({"expected_plural": "s", **given})
        said = message({"type": kind["type"], "msg": msg, "ctx": given})
        assert "should" not in said, said
        assert said.endswith(".") or "https://" in said, said


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=5)]
    slug: str = Field("a", pattern=SLUG_PATTERN)
    secret: str = Field("12345678", min_length=8)
    seconds: int = Field(60, ge=30, le=86_400)
    share: float = Field(0.5, gt=0, lt=1)
    on: bool = True
    by: Literal["app", "address"] = "app"
    tags: list[str] = Field(["a"], min_length=1, max_length=2)
    origin: str = "*"

    @field_validator("origin")
    @classmethod
    def _origin(cls, value: str) -> str:
        if value != "*":
            raise ValueError("an origin is `*` here")
        return value


@pytest.mark.parametrize(
    ("body", "place", "said"),
    [
        ({"name": None}, "/name", "This must be text."),
        ({"name": ""}, "/name", "This must not be empty."),
        ({"name": "too long"}, "/name", "This is too long: at most 5 characters."),
        ({"slug": "No Slug"}, "/slug", f"This must be {SHAPES[SLUG_PATTERN]}."),
        ({"secret": "short"}, "/secret", "This is too short: at least 8 characters."),
        ({"seconds": 0}, "/seconds", "This must be 30 or more."),
        ({"seconds": 90_000}, "/seconds", "This must be 86400 or less."),
        ({"seconds": "soon"}, "/seconds", "This must be a whole number."),
        ({"seconds": 30.5}, "/seconds", "This must be a whole number."),
        ({"share": 0}, "/share", "This must be more than 0.0."),
        ({"on": "perhaps"}, "/on", "This must be true or false."),
        ({"by": "moon"}, "/by", "This must be 'app' or 'address'."),
        ({"tags": []}, "/tags", "This needs at least 1 of them; there are 0."),
        ({"tags": ["a", "b", "c"]}, "/tags", "This takes at most 2 of them."),
        ({"tags": "a"}, "/tags", "This must be a list."),
        ({"origin": "x"}, "/origin", "An origin is `*` here."),
        (
            {"colour": "red"},
            "/colour",
            "There is no field of this name; check its spelling, or leave it out.",
        ),
    ],
)
def test_what_is_wrong_with_a_body(body: dict[str, Any], place: str, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Body.model_validate({"name": "a", **body})
    found = [field_error(item) for item in caught.value.errors()]
    assert [(error.pointer, error.message) for error in found] == [(place, said)]
    assert not LIBRARY.search(said)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ValidationError) as caught:
        Body.model_validate({})
    assert field_error(caught.value.errors()[0], below="/config").pointer == "/config/name"


def test_a_pointer_names_fields_and_no_branches() -> None:
    assert pointer(("a/b", 0, "literal['']", "function-after[check(), str]", "c~d")) == "/a~1b/0/c~0d"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("there is none", "There is none."),
        ("`x` is twice there", "`x` is twice there."),
        ("https://a.example does not answer!", "https://a.example does not answer!"),
    ],
)
def test_sentences(words: str, expected: str) -> None:
    assert sentence(words) == expected
