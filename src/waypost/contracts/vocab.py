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
    """Calendar windows of a quota, in UTC."""

    DAY = "day"
    MONTH = "month"


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
    """The life of a credential; ``rotating`` still works until its ``expires_at``."""

    ACTIVE = "active"
    ROTATING = "rotating"
    REVOKED = "revoked"
    EXPIRED = "expired"


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
    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    CORS = "cors"
    HEADERS = "headers"
    PATH_REWRITE = "path_rewrite"
    TIMEOUT = "timeout"
    MOCK = "mock"


class Refusal(StrEnum):
    """Stable codes in a gateway's own answers (problem+json ``code``) and in access records."""

    KEY_MISSING = "key_missing"
    KEY_INVALID = "key_invalid"
    KEY_AMBIGUOUS = "key_ambiguous"
    NOT_SUBSCRIBED = "not_subscribed"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXCEEDED = "quota_exceeded"
    TOO_LARGE = "too_large"
    BAD_REQUEST = "bad_request"
    UPSTREAM_ERROR = "upstream_error"
    UPSTREAM_UNAVAILABLE = "upstream_unavailable"
    UPSTREAM_TIMEOUT = "upstream_timeout"
