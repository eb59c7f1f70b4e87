"""Getting an issuer's keys from where it publishes them. No transaction is open meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson

from waypost.application.issuers.errors import KeysRefused
from waypost.application.issuers.jwks import read_jwks
from waypost.contracts.importers import Fetcher, FetchRefused

MAX_BYTES = 256 * 1024
SECONDS = 10.0
"""For everything together: discovery, redirects, the keys."""
_SAID = {
    "fetch_timeout": "The issuer took longer than {seconds:g} seconds.",
    "fetch_too_large": "The issuer answered with more than {bytes:,} bytes.",
    "fetch_private_address": "The issuer's host is not on the open internet; the hub does not go there.",
    "fetch_unknown_host": "The issuer's host is not known.",
    "fetch_redirects": "The issuer's address redirects too many times.",
    "fetch_downgrade": "The issuer's address redirects from https to http.",
    "fetch_certificate": "The issuer's TLS certificate cannot be trusted.",
    "fetch_failed": "The issuer does not answer, or broke off.",
}
_WAY_OUT = {
    "fetch_private_address": "Ask an administrator to allow this host, or give the keys themselves as a JWK Set."
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySource:
    """Where the keys are: ``source`` is discovery or jwks_url; ``issuer`` is what discovery must say of itself."""

    issuer: str
    source: str
    address: str
    algorithms: tuple[str, ...]
    allow_http: bool = False


async def fetch_keys(fetcher: Fetcher, wanted: KeySource) -> str:
    """The usable keys as canonical JSON. Raises KeysRefused, whatever the issuer does."""
    try:
        async with asyncio.timeout(SECONDS):
            address = wanted.address
            if wanted.source == "discovery":
                address = _jwks_uri(await _get(fetcher, address, wanted), wanted)
            content = await _get(fetcher, address, wanted)
    except TimeoutError:
        raise _refused("fetch_timeout", "") from None
    return read_jwks(content, algorithms=wanted.algorithms)


async def _get(fetcher: Fetcher, address: str, wanted: KeySource) -> bytes:
    check_address(address, allow_http=wanted.allow_http)
    try:
        fetched = await fetcher.fetch(address, max_bytes=MAX_BYTES)
    except FetchRefused as refused:
        raise _refused(refused.reason, str(refused)) from refused
    check_address(fetched.url, allow_http=wanted.allow_http)
    return fetched.content


def check_address(address: str, *, allow_http: bool) -> None:
    """Keys that travel without TLS can be replaced on the way. Raises KeysRefused."""
    if urlsplit(address).scheme != "https" and not (allow_http and urlsplit(address).scheme == "http"):
        raise KeysRefused(
            "address_insecure",
            "The keys would travel without TLS, so anybody on the way could replace them.",
            hint="Give an address that begins with https://.",
        )


def _jwks_uri(content: bytes, wanted: KeySource) -> str:
    """From an issuer's metadata (RFC 8414, 3.3), which must say the very URL that the issuer is registered with."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise KeysRefused("discovery_not_json", "The discovery document is not JSON.") from None
    if not isinstance(document, dict) or not isinstance(document.get("jwks_uri"), str):
        raise KeysRefused("discovery_malformed", "The discovery document names no `jwks_uri`.")
    if document.get("issuer") != wanted.issuer:
        raise KeysRefused(
            "discovery_other_issuer",
            "The discovery document belongs to another issuer.",
            hint="Register the URL that the document names as `issuer`, to the letter.",
        )
    return str(document["jwks_uri"])


def _refused(reason: str, said: str) -> KeysRefused:
    text = _SAID.get(reason, said).format(seconds=SECONDS, bytes=MAX_BYTES)
    return KeysRefused(reason, text, hint=_WAY_OUT.get(reason))
