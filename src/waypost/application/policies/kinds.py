"""The configuration of every policy kind. Each model is also the JSON Schema that a console builds its form from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from waypost.application.policies.names import (
    EditableHeader,
    HeaderName,
    HeaderValue,
    Origin,
    PlainPath,
    ResponseHeader,
    header_name,
)

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def _parameter(value: str) -> str:
    if not value.replace("-", "").replace("_", "").replace(".", "").isalnum() or not value.isascii():
        raise ValueError("letters, digits, `-`, `_` and `.` only")
    return value


OptionalHeader = Annotated[
    str, StringConstraints(max_length=100), AfterValidator(lambda value: header_name(value) if value else value)
]
OptionalParameter = Annotated[
    str, StringConstraints(max_length=100), AfterValidator(lambda value: _parameter(value) if value else value)
]


class Config(BaseModel):
    """Base of all kinds: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class KeyAuthConfig(Config):
    """Where callers put their key. The first place with a value decides: header, query, cookie."""

    enabled: bool = Field(True, description="Off opens the API to everybody; plans and limits then do not apply.")
    header: OptionalHeader = Field("x-api-key", description="Header name; empty = not in a header.")
    query: OptionalParameter = Field("", description="Query parameter; empty = not in the query.")
    cookie: OptionalParameter = Field("", description="Cookie name; empty = not in a cookie.")
    hide: bool = Field(True, description="Remove the key from every place before the upstream sees the request.")


class CorsConfig(Config):
    """Which web pages may call the API from a browser."""

    origins: list[Origin] = Field(min_length=1, max_length=100, description="`*`, or scheme://host[:port].")
    methods: list[Method] = Field(
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], min_length=1, description="Allowed methods."
    )
    headers: list[HeaderName] = Field(["*"], max_length=100, description="Request headers that pages may send.")
    expose: list[HeaderName] = Field([], max_length=100, description="Response headers that pages may read.")
    credentials: bool = Field(False, description="Cookies and the like may be sent. Never together with origin `*`.")
    max_age_seconds: int = Field(600, ge=0, le=86400, description="How long a browser remembers the answer.")


class RequestHeader(Config):
    """A request header and its value."""

    name: EditableHeader
    value: HeaderValue


class AnswerHeader(Config):
    """A response header and its value."""

    name: ResponseHeader
    value: HeaderValue


class HeadersConfig(Config):
    """Header edits towards the upstream and towards the caller; removal comes first, then set, then add."""

    request_set: list[RequestHeader] = Field([], max_length=50, description="Overwrite towards the upstream.")
    request_add: list[RequestHeader] = Field([], max_length=50, description="Append towards the upstream.")
    request_remove: list[EditableHeader] = Field([], max_length=50, description="Drop towards the upstream.")
    response_set: list[AnswerHeader] = Field([], max_length=50, description="Overwrite towards the caller.")
    response_add: list[AnswerHeader] = Field([], max_length=50, description="Append towards the caller.")
    response_remove: list[ResponseHeader] = Field([], max_length=50, description="Drop towards the caller.")


class PathRewriteConfig(Config):
    """Replace the beginning of the path (whole segments, after base path and mount) before the upstream sees it."""

    prefix: PlainPath = Field("/", description="What the path must begin with.")
    replacement: PlainPath = Field("/", description="What stands there instead.")


class TimeoutConfig(Config):
    """How long the upstream may take for a whole request."""

    request_ms: int = Field(30_000, ge=0, le=3_600_000, description="Milliseconds; 0 = no limit.")


def _media_type(value: str) -> str:
    main, slash, sub = value.split(";", maxsplit=1)[0].strip().partition("/")
    if not (slash and main and sub and value.isascii() and value.isprintable()):
        raise ValueError("a media type such as application/json")
    return value


class MockAnswer(Config):
    """An answer that the gateway gives itself."""

    status: int = Field(200, ge=200, le=599)
    content_type: Annotated[str, StringConstraints(max_length=200), AfterValidator(_media_type)] = "application/json"
    body: str = Field("", max_length=65_536)
    headers: list[AnswerHeader] = Field([], max_length=20)


class MockConfig(Config):
    """Answer without an upstream: from the definition's examples, or with the answer given here."""

    enabled: bool = Field(True, description="Off at an operation lets that one through to the upstream.")
    answer: MockAnswer | None = Field(None, description="Empty = the example in the definition, per operation.")
