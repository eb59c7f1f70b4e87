"""What goes through: cross-origin rules, edits, timeouts, mock answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints

from waypost.application.policies.kinds.base import (
    EVERYWHERE,
    WHOLE_API,
    WITHIN_VERSION,
    Config,
    KindInfo,
    by_name,
    itself,
)
from waypost.application.policies.kinds.fields import OptionalHost, Parameter, PathTemplate, QueryTemplate, Template
from waypost.application.policies.names import (
    EditableHeader,
    HeaderName,
    HeaderValue,
    Origin,
    PlainPath,
    ResponseHeader,
)
from waypost.contracts.vocab import PolicyKind, PolicyLevel
from waypost.kit.errors import FieldError

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
_SECRET = "Seal the value: it is never shown again. Empty value = the one that is kept."  # noqa: S105


class CorsConfig(Config):
    """Which web pages may call the API from a browser."""

    origins: list[Origin] = Field(min_length=1, max_length=100, description="`*`, or scheme://host[:port].")
    methods: list[Method] = Field(
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], min_length=1, description="Allowed methods."
    )
    headers: list[HeaderName] = Field(["*"], max_length=100, description="Request headers that pages may send.")
    expose: list[HeaderName] = Field([], max_length=100, description="Response headers that pages may read.")
    credentials: StrictBool = Field(
        False, description="Cookies and the like may be sent. Never together with origin `*`."
    )
    max_age_seconds: StrictInt = Field(600, ge=0, le=86400, description="How long a browser remembers the answer.")


class RequestHeader(Config):
    """A request header and its value, a template such as `{plan.name}`."""

    name: EditableHeader
    value: Template = ""
    secret: StrictBool = Field(False, description=_SECRET)


class AnswerHeader(Config):
    """A response header and its value, a template such as `{request.id}`."""

    name: ResponseHeader
    value: Template = ""


class HeadersConfig(Config):
    """Header edits towards the upstream and towards the caller; removal comes first, then set, then add."""

    request_set: list[RequestHeader] = Field([], max_length=50, description="Overwrite towards the upstream.")
    request_add: list[RequestHeader] = Field([], max_length=50, description="Append towards the upstream.")
    request_remove: list[EditableHeader] = Field([], max_length=50, description="Drop towards the upstream.")
    response_set: list[AnswerHeader] = Field([], max_length=50, description="Overwrite towards the caller.")
    response_add: list[AnswerHeader] = Field([], max_length=50, description="Append towards the caller.")
    response_remove: list[ResponseHeader] = Field([], max_length=50, description="Drop towards the caller.")


class QueryParameter(Config):
    """A query parameter and its value, a template."""

    name: Parameter
    value: QueryTemplate = ""
    secret: StrictBool = Field(False, description=_SECRET)


class QueryConfig(Config):
    """Query edits towards the upstream; removal comes first. Other parameters keep their order and encoding."""

    set: list[QueryParameter] = Field([], max_length=50, description="Replace or add.")
    remove: list[Parameter] = Field([], max_length=50, description="Drop.")


class PathRewriteConfig(Config):
    """Replace the beginning of the path (whole segments, after base path and mount) before the upstream sees it."""

    prefix: PlainPath = Field("/", description="What the path must begin with.")
    replacement: PlainPath = Field("/", description="What stands there instead.")
    template: PathTemplate = Field("", description="The whole new path instead, such as `/t/{claim.org}/items`.")


class HostConfig(Config):
    """The `Host` that the upstream sees."""

    host: OptionalHost = Field("", description="Empty = the upstream address's own.")
    preserve: StrictBool = Field(False, description="The caller's own instead.")


class TimeoutConfig(Config):
    """How long the upstream may take for a whole request."""

    request_ms: StrictInt = Field(30_000, ge=0, le=3_600_000, description="Milliseconds; 0 = no limit.")


def _media_type(value: str) -> str:
    main, slash, sub = value.split(";", maxsplit=1)[0].strip().partition("/")
    if not (slash and main and sub and value.isascii() and value.isprintable()):
        raise ValueError("this must be a media type such as application/json")
    return value


class MockHeader(Config):
    """A header of a mock answer."""

    name: ResponseHeader
    value: HeaderValue


class MockAnswer(Config):
    """An answer that the gateway gives itself."""

    status: StrictInt = Field(200, ge=200, le=599)
    content_type: Annotated[str, StringConstraints(max_length=200), AfterValidator(_media_type)] = "application/json"
    body: str = Field("", max_length=65_536)
    headers: list[MockHeader] = Field([], max_length=20)


class MockConfig(Config):
    """Answer without an upstream: from the definition's examples, or with the answer given here."""

    enabled: StrictBool = Field(True, description="Off at an operation lets that one through to the upstream.")
    answer: MockAnswer | None = Field(None, description="Empty = the example in the definition, per operation.")


def _cors(config: CorsConfig, _level: PolicyLevel) -> list[FieldError]:
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


def _headers(config: HeadersConfig, _level: PolicyLevel) -> list[FieldError]:
    return [error for field in ("request_set", "response_set") for error in _twice(field, getattr(config, field))]


def _query(config: QueryConfig, _level: PolicyLevel) -> list[FieldError]:
    return _twice("set", config.set)


def _twice(field: str, items: list[Any]) -> list[FieldError]:
    names = [item.name for item in items]
    return [
        FieldError(f"/config/{field}/{index}/name", f"`{name}` is set twice", "Keep one of them.")
        for index, name in enumerate(names)
        if name in names[:index]
    ]


def _path(config: PathRewriteConfig, _level: PolicyLevel) -> list[FieldError]:
    if config.template and (config.prefix, config.replacement) != ("/", "/"):
        message = "the template is the whole new path, so a prefix has no effect"
        return [FieldError("/config/template", message, "Keep the template or the prefix.")]
    return []


def _host(config: HostConfig, _level: PolicyLevel) -> list[FieldError]:
    if config.host and config.preserve:
        return [FieldError("/config/preserve", "there can be one host only", "Name a host or keep the caller's.")]
    return []


def _mock(config: MockConfig, _level: PolicyLevel) -> list[FieldError]:
    answer = config.answer
    if answer is not None and answer.status in {204, 205, 304} and answer.body:
        return [
            FieldError("/config/answer/body", f"an answer with status {answer.status} has no body", "Empty the body.")
        ]
    return []


def _pair(item: Any) -> Any:
    return item["name"], item["value"]


_HEADERS = {
    "request_set": by_name,
    "request_add": _pair,
    "request_remove": itself,
    "response_set": by_name,
    "response_add": _pair,
    "response_remove": itself,
}
_REMOVED = {
    "request_set": "request_remove",
    "request_add": "request_remove",
    "response_set": "response_remove",
    "response_add": "response_remove",
}
KINDS = (
    KindInfo(PolicyKind.CORS, "Cross-origin calls (CORS)", WHOLE_API, CorsConfig, _cors),
    KindInfo(
        PolicyKind.HEADERS, "Header edits", EVERYWHERE, HeadersConfig, _headers, unites=_HEADERS, ended_by=_REMOVED
    ),
    KindInfo(
        PolicyKind.QUERY,
        "Query edits",
        EVERYWHERE,
        QueryConfig,
        _query,
        unites={"set": by_name, "remove": itself},
        ended_by={"set": "remove"},
    ),
    KindInfo(PolicyKind.PATH_REWRITE, "Path rewrite", WITHIN_VERSION, PathRewriteConfig, _path),
    KindInfo(PolicyKind.HOST, "Host", (PolicyLevel.API, *WITHIN_VERSION), HostConfig, _host),
    KindInfo(PolicyKind.TIMEOUT, "Timeout", EVERYWHERE, TimeoutConfig),
    KindInfo(PolicyKind.MOCK, "Mock answers", WITHIN_VERSION, MockConfig, _mock),
)
