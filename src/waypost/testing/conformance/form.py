"""The form of a case: what a YAML file in ``cases`` may hold. ``schema()`` is the same as JSON Schema.

Strings may hold variables, ``${name}``; :mod:`waypost.testing.conformance.given` lists them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from waypost.contracts.drivers import Capability
from waypost.contracts.vocab import CredentialKind, GrantState, PolicyKind, Refusal, Window

Fragment = dict[str, Any]
"""A piece of the IR in its canonical YAML form (``waypost.contracts.ir.dump``); what is left out has its default."""

Many = dict[str, str | list[str] | None]
"""Headers by lower-case name: one value, several lines, or null for none."""


class Form(BaseModel):
    """Nothing may stand in a case that has no meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Match(Form):
    """What a value has to be like, where it is not known to the letter."""

    regex: str | None = Field(None, description="matches as a whole")
    lacks: str | None = Field(None, description="a regular expression that is found nowhere in it")
    at_least: float | str | None = Field(None, description="as a number")
    at_most: float | str | None = Field(None, description="as a number")
    tokens: list[str] | None = Field(None, description="comma-separated, in any order and case, exactly these")
    fields: dict[str, dict[str, Any]] | None = Field(
        None, description="a list of RFC 9651: exactly these items, in order, with at least these parameters"
    )
    has_tokens: list[str] | None = Field(None, description="comma-separated, these and perhaps others")


Wanted = str | list[str] | Match | None
"""A value to the letter, several header lines in order, a pattern, or null: it is not there."""


class Behaviour(Form):
    """How the upstream answers. Without any of it: 200 with the JSON body ``{"ok": true}``."""

    status: int = 200
    headers: Many = Field(default_factory=dict)
    body: str = '{"ok": true}'
    size: int | None = Field(None, description="a body of so many bytes in place of `body`")
    chunked: bool = Field(False, description="the body is sent without a length, in two chunks")
    delay_ms: int = Field(0, description="before the answer begins")
    pause_ms: int = Field(0, description="in the middle of the body")
    fault: Literal["", "reset", "cut", "garbage"] = Field(
        "", description="reset: no answer; cut: closes in the middle of the body; garbage: no HTTP"
    )


class GivenGrant(Form):
    """A credential that is subscribed. ``key`` is a name; ``${key.NAME}`` is its value."""

    key: str = "main"
    kind: CredentialKind = CredentialKind.KEY
    value: str | None = Field(None, description="what the grant holds where that is no random key")
    api: str = "main"
    plan: str = "none"
    app: str | None = Field(None, description="a name; by default each key has its own")
    subscription: str | None = Field(None, description="a name; by default each key has its own on each API")
    state: GrantState = GrantState.LIVE
    window: Window | None = None
    resets_at: str | None = Field(None, description="a time, such as `${soon}`")
    expires_at: datetime | None = None


class Saw(Form):
    """What the upstream must have received, once (or ``calls`` times)."""

    method: str | None = None
    target: Wanted = Field(None, description="path and query, to the letter")
    headers: dict[str, Wanted] = Field(default_factory=dict)
    body: Wanted = None
    calls: int | Match = 1


def _expected(value: Any) -> Any:
    """``200`` is a status, ``401 key_missing`` a refusal."""
    if isinstance(value, int):
        return {"status": value}
    if isinstance(value, str):
        status, _, code = value.partition(" ")
        return {"status": int(status), **({"problem": code} if code else {})}
    return value


class Expect(Form):
    """What the client must get. Short: ``200``, or ``401 key_missing``."""

    status: int | list[int] = Field(200, description="several: any of them")
    problem: Refusal | None = Field(None, description="a problem body (RFC 9457) of this code, complete and unbranded")
    problems: dict[int, Refusal] = Field(default_factory=dict, description="by status, where several are right")
    headers: dict[str, Wanted] = Field(default_factory=dict)
    json_: dict[str, Any] = Field(default_factory=dict, alias="json", description="by JSON Pointer (RFC 6901)")
    body: Wanted = None
    size: int | None = Field(None, description="bytes of the body")
    closed: bool = Field(False, description="an answer that ends before its time is right as well as `status`")
    took_ms: tuple[int, int] | None = Field(None, description="at least, at most")
    upstream: Saw | Literal["nothing"] | None = Field(None, description="what it saw of this call; null: not asked")
    servers: dict[str, Saw] = Field(default_factory=dict, description="what the case's other servers saw of this call")
    record: dict[str, Any] = Field(default_factory=dict, description="fields of the call's access record")


Expected = Annotated[Expect, BeforeValidator(_expected, json_schema_input_type=Expect | int | str)]


class Caller(Form):
    """Somebody else who sends the same."""

    headers: Many = Field(default_factory=dict)
    source: str = Field("", description="the address that the call comes from")


class Step(Form):
    """One thing that happens: a call, a change of grants, or a wait."""

    send: str = Field("", description="`GET /path?query`, below the API's base path; `GET =target` to the letter")
    to: str = Field("main", description="which API, where there are several")
    headers: Many = Field(default_factory=dict, description="null: not even the ones that every client sends")
    body: str = ""
    size: int | None = Field(None, description="a body of so many bytes")
    chunked: bool = Field(False, description="send the body without a length")
    raw: str = Field("", description="the whole request to the letter, in place of `send`")
    tls: str = Field("", description="over TLS; a name of a client certificate, or `none`")
    source: str = Field("", description="the address that the call comes from, such as 127.0.0.2")
    times: int = Field(1, description="so often, one after the other, each with the same outcome")
    together: int = Field(1, description="so many at the same time")
    beside: list[Caller] = Field(default_factory=list, description="others who send the same at the same time")
    expect: Expected | None = None
    counts: dict[int, int | tuple[int, int]] = Field(
        default_factory=dict, description="with `times` or `together`: how many of each status, or at least and at most"
    )
    save: dict[str, str] = Field(default_factory=dict, description="name: answer header, for `${saved.NAME}`")
    wait_ms: int = 0
    wait_header: str = Field("", description="wait so many seconds as this header of the last answer says")
    grant: list[GivenGrant] = Field(default_factory=list, description="upsert these grants")
    revoke: list[str] = Field(default_factory=list, description="names of keys whose grants end")
    about: str = ""


def _steps(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class Case(Form):
    """Given policies, credentials and an upstream, these calls get these answers."""

    id: str = Field(pattern=r"[a-z0-9_]+")
    about: str = Field(description="the rule that it shows, as a sentence")
    tag: Literal["use", "edge", "abuse"]
    needs: list[Capability] | None = Field(None, description="what an engine must be able to; by default the file's")
    also: list[Capability] = Field(default_factory=list, description="needed besides the file's")
    settings: Fragment = Field(default_factory=dict, description="GatewaySettings")
    api: Fragment | None = Field(None, description="ApiIR, named `main`; without authentication it is open")
    apis: dict[str, Fragment] = Field(default_factory=dict, description="further ones by name")
    grants: list[GivenGrant] | None = None
    upstream: Behaviour | dict[str, Behaviour] = Field(
        default_factory=Behaviour, description="the same for all paths, or by path as the upstream sees it"
    )
    tokens: dict[str, Fragment] = Field(default_factory=dict, description="signed tokens by name, `${token.NAME}`")
    servers: dict[str, Behaviour] = Field(default_factory=dict, description="others by name, at `${server.NAME}`")
    steps: Annotated[list[Step], BeforeValidator(_steps, json_schema_input_type=list[Step] | Step)]


class CaseFile(Form):
    """One file: the cases of one policy. What a case leaves out stands here."""

    policy: PolicyKind | Literal["routing", "refusals", "transport", "any_of"]
    about: str
    needs: list[Capability] = Field(default_factory=list)
    api: Fragment = Field(default_factory=dict)
    grants: list[GivenGrant] = Field(default_factory=list)
    tokens: dict[str, Fragment] = Field(default_factory=dict)
    fragments: Any = Field(None, description="a place for YAML anchors")
    cases: list[Case]


def schema() -> dict[str, Any]:
    """JSON Schema of a case file."""
    return CaseFile.model_json_schema()
