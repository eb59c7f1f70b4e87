"""Words every layer shares. Values are what travels and what is stored."""

from __future__ import annotations

from enum import StrEnum


class Engine(StrEnum):
    """Gateway engines that a driver may exist for."""

    ENVOY = "envoy"
    HAPROXY = "haproxy"
    NGINX = "nginx"
    CADDY = "caddy"
    TRAEFIK = "traefik"
    AWS = "aws"


class ApiKind(StrEnum):
    """What style of API it is."""

    REST = "rest"
    GRAPHQL = "graphql"
    GRPC = "grpc"
    SOAP = "soap"
    EVENT = "event"


class Lifecycle(StrEnum):
    """Where an API or version stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


class Visibility(StrEnum):
    """Who finds an API: everybody, signed-in people, or the owner's members only."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PRIVATE = "private"


class Window(StrEnum):
    """Windows of a quota: of the calendar (UTC, weeks begin on Monday), or rolling, of the same length."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class LimitBy(StrEnum):
    """Whose calls one limit counts together."""

    SUBSCRIPTION = "subscription"
    APP = "app"
    PLAN = "plan"
    API = "api"
    OPERATION = "operation"
    IP = "ip"
    CLAIM = "claim"


class QuotaUnit(StrEnum):
    """What a quota counts: calls, bytes in and out, or a number that the upstream puts into a response header."""

    REQUESTS = "requests"
    BYTES = "bytes"
    HEADER = "header"


class Unmatched(StrEnum):
    """What becomes of a call that no operation takes."""

    REFUSE = "refuse"
    PASS = "pass"  # noqa: S105  (no password)


class CredentialKind(StrEnum):
    """What a grant's value is (see ``contracts.ir.Grant``)."""

    KEY = "key"
    BASIC = "basic"
    CLIENT = "client"
    CERTIFICATE = "certificate"


class PolicyLevel(StrEnum):
    """Where a policy may be attached, the widest first."""

    HUB = "hub"
    TEAM = "team"
    API = "api"
    VERSION = "version"
    OPERATION = "operation"
    PLAN = "plan"


class GrantState(StrEnum):
    """A grant on one gateway. Only ``live`` and ``exhausted`` reach an engine."""

    PENDING = "pending"
    LIVE = "live"
    EXHAUSTED = "exhausted"
    DRIFTED = "drifted"
    REVOKED = "revoked"


class SubscriptionState(StrEnum):
    """The life of a subscription."""

    PENDING = "pending"
    ACTIVE = "active"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class CredentialState(StrEnum):
    """The life of a credential; ``rotating`` still works until its ``expires_at``; ``taken_over`` is for good.

    One that was registered without proof is taken over by an app that shows one.
    """

    ACTIVE = "active"
    ROTATING = "rotating"
    REVOKED = "revoked"
    EXPIRED = "expired"
    TAKEN_OVER = "taken_over"


class DeploymentState(StrEnum):
    """A version on a gateway as the hub knows it."""

    PENDING = "pending"
    LIVE = "live"
    QUARANTINED = "quarantined"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"


class PolicyKind(StrEnum):
    """Policies that the IR knows."""

    KEY_AUTH = "key_auth"
    JWT = "jwt"
    INTROSPECTION = "introspection"
    BASIC = "basic"
    MTLS = "mtls"
    ANONYMOUS = "anonymous"
    SCOPES = "scopes"
    IP = "ip"
    COUNTRIES = "countries"
    UNMATCHED = "unmatched"
    MAINTENANCE = "maintenance"
    HOURS = "hours"
    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    COST = "cost"
    CONCURRENCY = "concurrency"
    SIZES = "sizes"
    CORS = "cors"
    HEADERS = "headers"
    QUERY = "query"
    PATH_REWRITE = "path_rewrite"
    HOST = "host"
    TIMEOUT = "timeout"
    MOCK = "mock"


class Refusal(StrEnum):
    """Stable codes in a gateway's own answers (problem+json ``code``) and in access records."""

    KEY_MISSING = "key_missing"
    KEY_INVALID = "key_invalid"
    KEY_AMBIGUOUS = "key_ambiguous"
    CREDENTIAL_MISSING = "credential_missing"  # several ways are accepted, none was sent
    TOKEN_MISSING = "token_missing"  # noqa: S105
    TOKEN_INVALID = "token_invalid"  # noqa: S105
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    ISSUER_UNAVAILABLE = "issuer_unavailable"
    PASSWORD_MISSING = "password_missing"  # noqa: S105
    PASSWORD_INVALID = "password_invalid"  # noqa: S105
    CERTIFICATE_MISSING = "certificate_missing"
    CERTIFICATE_INVALID = "certificate_invalid"
    NOT_SUBSCRIBED = "not_subscribed"
    SCOPE_INSUFFICIENT = "scope_insufficient"
    ADDRESS_DENIED = "address_denied"
    COUNTRY_DENIED = "country_denied"
    MAINTENANCE = "maintenance"
    CLOSED = "closed"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXCEEDED = "quota_exceeded"
    CONCURRENCY_LIMITED = "concurrency_limited"
    TOO_LARGE = "too_large"
    RESPONSE_TOO_LARGE = "response_too_large"
    BAD_REQUEST = "bad_request"
    UPSTREAM_ERROR = "upstream_error"
    UPSTREAM_UNAVAILABLE = "upstream_unavailable"
    UPSTREAM_TIMEOUT = "upstream_timeout"


BELIEVED_HEADERS = (
    "forwarded",
    *(f"x-forwarded-{name}" for name in ("host", "path", "port", "prefix", "protocol")),
    *("x-original-path", "x-original-uri", "x-original-url", "x-rewrite-url"),
)
"""What upstreams believe of the proxy before them; ``x-forwarded-for`` and ``-proto`` gateways write anew."""
