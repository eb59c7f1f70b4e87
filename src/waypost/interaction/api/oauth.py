"""The hub as an OAuth 2 authorization server: token endpoint, public keys, metadata. Standards fix their forms."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from waypost.application.oauth.attempts import Attempts
from waypost.application.oauth.clients import ClientProof
from waypost.application.oauth.errors import OAuthError, invalid_client, invalid_request
from waypost.application.oauth.identity import ALGORITHM, INTROSPECTION_PATH, JWKS_PATH, TOKEN_PATH, hub_issuer
from waypost.application.oauth.introspection import introspect
from waypost.application.oauth.signing_keys import public_jwks
from waypost.application.oauth.tokens import TokenRequest, issue_token
from waypost.application.work import ANONYMOUS, open_context
from waypost.interaction.api.auth import client_of
from waypost.interaction.api.deps import PartsDep
from waypost.kit.crypto import Secret

oauth_router = APIRouter(include_in_schema=False)
MAX_FORM_BYTES = 16 * 1024
_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_PUBLIC = {"Cache-Control": "public, max-age=300"}


@oauth_router.post(TOKEN_PATH)
async def token(request: Request, parts: PartsDep) -> JSONResponse:
    """Client credentials for an access token (RFC 6749, 4.4; RFC 8707)."""
    request.state.route = TOKEN_PATH
    attempts: Attempts = request.app.state.token_attempts
    try:
        issued = await issue_token(parts, attempts, await _read(request))
    except OAuthError as error:
        return _refused(error)
    body = {
        "access_token": issued.token.reveal(),
        "token_type": "Bearer",
        "expires_in": issued.seconds,
        "scope": issued.scope,
    }
    return JSONResponse(body, headers=_NOT_KEPT)


@oauth_router.post(INTROSPECTION_PATH)
async def introspection(request: Request, parts: PartsDep) -> JSONResponse:
    """What a token of the hub is good for (RFC 7662)."""
    request.state.route = INTROSPECTION_PATH
    attempts: Attempts = request.app.state.token_attempts
    try:
        form = await _form(request)
        proof = _proof(request, form)
        if "token" not in form:
            raise invalid_request("`token` is missing.")
        body = await introspect(parts, attempts, proof, form["token"][0])
    except OAuthError as error:
        return _refused(error)
    return JSONResponse(body, headers=_NOT_KEPT)


@oauth_router.get(JWKS_PATH)
async def jwks(request: Request, parts: PartsDep) -> Response:
    """The public keys of the hub's tokens (RFC 7517)."""
    request.state.route = JWKS_PATH
    async with open_context(parts, ANONYMOUS, write=False) as ctx:
        keys = await public_jwks(ctx)
    return Response(keys, headers=_PUBLIC, media_type="application/jwk-set+json")


@oauth_router.get("/.well-known/oauth-authorization-server")
@oauth_router.get("/.well-known/openid-configuration")
async def metadata(request: Request, parts: PartsDep) -> JSONResponse:
    """What this authorization server can do (RFC 8414; OpenID Connect Discovery for clients that know only that)."""
    request.state.route = "/.well-known/oauth-authorization-server"
    issuer, methods = hub_issuer(parts.public_url), ["client_secret_basic", "client_secret_post"]
    body = {
        "issuer": issuer,
        "token_endpoint": issuer + TOKEN_PATH,
        "jwks_uri": issuer + JWKS_PATH,
        "introspection_endpoint": issuer + INTROSPECTION_PATH,
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": methods,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
    }
    return JSONResponse(body, headers=_PUBLIC)


def _refused(error: OAuthError) -> JSONResponse:
    body = {"error": error.error, "error_description": error.description}
    return JSONResponse(body, status_code=error.status, headers={**_NOT_KEPT, **error.headers})


async def _read(request: Request) -> TokenRequest:
    form = await _form(request)
    proof = _proof(request, form)
    if not form.get("grant_type"):
        raise invalid_request("`grant_type` is missing.")
    return TokenRequest(
        grant_type=form["grant_type"][0],
        proof=proof,
        scope=form["scope"][0] if "scope" in form else None,
        resources=tuple(form.get("resource", ())),
    )


def _proof(request: Request, form: Mapping[str, list[str]]) -> ClientProof:
    client_id, secret = _client(request.headers.getlist("authorization"), form)
    return ClientProof(client_id=client_id, client_secret=Secret(secret), address=client_of(request).address)


async def _form(request: Request) -> dict[str, list[str]]:
    """The body's parameters; without a value they count as absent (RFC 6749, 3.2)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise invalid_request("Send the parameters as application/x-www-form-urlencoded.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise invalid_request(f"A token request has at most {MAX_FORM_BYTES} bytes.")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError:
        raise invalid_request("The parameters cannot be read.") from None
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        if value:
            form.setdefault(name, []).append(value)
    if any(len(values) > 1 for name, values in form.items() if name != "resource"):
        raise invalid_request("A parameter stands in the request twice.")
    return form


def _client(headers: list[str], form: Mapping[str, list[str]]) -> tuple[str, str]:
    """(client id, secret), sent in one of the two ways (RFC 6749, 2.3.1)."""
    sent = [form.get(name, [""])[0] for name in ("client_id", "client_secret")]
    if not headers:
        if not all(sent):
            raise invalid_client()
        return sent[0], sent[1]
    if len(headers) > 1 or sent[1]:
        raise invalid_request("The client proves itself in one way: by header, or in the body.")
    client_id, secret = _basic(headers[0])
    if sent[0] and sent[0] != client_id:
        raise invalid_request("Header and body name different clients.")
    return client_id, secret


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise invalid_client() from None
    if scheme.lower() != "basic" or not colon:
        raise invalid_client()
    return unquote_plus(client_id), unquote_plus(secret)
