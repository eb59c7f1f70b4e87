"""What holds for a whole API: the ways of authentication and the cross-origin rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from waypost.application.issuers.key_sets import HUB_ISSUER_ID, KeySet
from waypost.application.oauth.identity import api_audience
from waypost.application.policies.kinds.traffic import CorsConfig
from waypost.application.policies.kinds.who import (
    BasicConfig,
    IntrospectionConfig,
    JwtConfig,
    KeyAuthConfig,
    MutualTlsConfig,
    TokenIssuer,
)
from waypost.contracts.ir import BasicAuth, Cors, Introspection, JwtAuth, JwtIssuer, KeyAuth, MutualTls
from waypost.contracts.vocab import PolicyKind
from waypost.kit.crypto import Secret

Configs = Mapping[str, Mapping[str, Any]]
"""Kind -> effective configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The ways of authentication that an API takes; names as in ``ApiIR``."""

    key_auth: KeyAuth | None = None
    jwt: JwtAuth | None = None
    introspection: Introspection | None = None
    basic: BasicAuth | None = None
    mtls: MutualTls | None = None

    @property
    def any(self) -> bool:
        """Whether callers must say who they are."""
        return any((self.key_auth, self.jwt, self.introspection, self.basic, self.mtls))


def ways_ir(configs: Configs, *, key_sets: Mapping[str, KeySet], slug: str) -> Ways:
    """Every way that is enabled. ValueError where a policy names an issuer that is gone."""
    return Ways(
        key_auth=key_auth_ir(configs.get(PolicyKind.KEY_AUTH)),
        jwt=_jwt(configs.get(PolicyKind.JWT), key_sets, slug),
        introspection=_introspection(configs.get(PolicyKind.INTROSPECTION)),
        basic=_basic(configs.get(PolicyKind.BASIC)),
        mtls=_mtls(configs.get(PolicyKind.MTLS)),
    )


def issuer_ids(configs: Iterable[tuple[str, Mapping[str, Any]]]) -> set[str]:
    """Ids of the issuers that (kind, configuration) pairs name."""
    named = (config.get("issuers", ()) for kind, config in configs if kind == PolicyKind.JWT)
    return {item["issuer"] for items in named for item in items}


def key_auth_ir(config: Mapping[str, Any] | None) -> KeyAuth | None:
    """None where keys are not taken."""
    if config is None:
        return None
    model = KeyAuthConfig.model_validate(config)
    if not model.enabled:
        return None
    return KeyAuth(header=model.header, query=model.query, cookie=model.cookie, hide=model.hide)


def cors_ir(config: Mapping[str, Any]) -> Cors:
    """Cross-origin rules."""
    model = CorsConfig.model_validate(config)
    return Cors(
        origins=tuple(model.origins),
        methods=tuple(model.methods),
        headers=tuple(model.headers),
        expose=tuple(model.expose),
        credentials=model.credentials,
        max_age_seconds=model.max_age_seconds,
    )


def _jwt(config: Mapping[str, Any] | None, key_sets: Mapping[str, KeySet], slug: str) -> JwtAuth | None:
    if config is None:
        return None
    model = JwtConfig.model_validate(config)
    if not model.enabled:
        return None
    return JwtAuth(
        issuers=tuple(_issuer(item, key_sets.get(item.issuer), slug) for item in model.issuers),
        claim_headers=tuple((item.claim, item.header) for item in model.claim_headers),
        scope_claim=model.scope_claim,
        clock_skew_seconds=model.clock_skew_seconds,
        hide=model.hide,
    )


def _issuer(wanted: TokenIssuer, known: KeySet | None, slug: str) -> JwtIssuer:
    if known is None:
        raise ValueError(f"the policy `jwt` names the issuer {wanted.issuer}, which is gone")
    audiences = tuple(wanted.audiences)
    if wanted.issuer == HUB_ISSUER_ID and not audiences:
        audiences = (api_audience(known.issuer, slug),)
    narrowed = tuple(name for name in known.algorithms if not wanted.algorithms or name in wanted.algorithms)
    return JwtIssuer(
        id=known.issuer_id,
        issuer=known.issuer,
        jwks=known.jwks,
        secret=known.secret if "HS256" in narrowed else None,
        algorithms=narrowed,
        audiences=audiences,
        required_claims=tuple((item.claim, item.value) for item in wanted.required_claims),
        client_claim=known.client_claim,
        required_algorithms=tuple(wanted.algorithms) or None,
    )


def _introspection(config: Mapping[str, Any] | None) -> Introspection | None:
    if config is None:
        return None
    model = IntrospectionConfig.model_validate(config)
    if not model.enabled:
        return None
    return Introspection(
        url=model.url,
        issuer=model.issuer,
        client_id=model.client_id,
        client_secret=Secret(model.client_secret),
        cache_seconds=model.cache_seconds,
        timeout_ms=model.timeout_ms,
        hide=model.hide,
    )


def _basic(config: Mapping[str, Any] | None) -> BasicAuth | None:
    model = None if config is None else BasicConfig.model_validate(config)
    return BasicAuth(hide=model.hide) if model and model.enabled else None


def _mtls(config: Mapping[str, Any] | None) -> MutualTls | None:
    model = None if config is None else MutualTlsConfig.model_validate(config)
    if model is None or not model.enabled:
        return None
    return MutualTls(subjects=tuple(model.subjects), fingerprints=tuple(model.fingerprints))
