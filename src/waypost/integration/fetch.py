"""Fetches definitions that users name, without letting them reach what only the hub can reach (SSRF).

Each hop is resolved once, every address that comes back is checked, and the connection is made to a checked
address: a name that answers differently a moment later (DNS rebinding) gains nothing. Redirects are hops.
"""

from __future__ import annotations

import asyncio
import socket
import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from waypost.contracts.importers import Fetched, FetchRefused
from waypost.integration.addresses import AllowList, is_public, parse_address

Resolve = Callable[[str, int], Awaitable[list[str]]]

_REDIRECTS = (301, 302, 303, 307, 308)
_ACCEPT = "application/vnd.oai.openapi, application/json, application/yaml, text/yaml, text/plain;q=0.8, */*;q=0.5"
_RAISE_LIMIT = "Import it as a file, or ask an administrator to raise the limit."
_ASK_ADMINISTRATOR = "Import the definition as a file, or ask an administrator to allow this host."


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """``seconds`` is for everything together: names, connections, redirects and the whole body."""

    seconds: float = 30.0
    connect_seconds: float = 10.0
    redirects: int = 5
    header_bytes: int = 2000


@dataclass(frozen=True, slots=True)
class _Hop:
    """What one request led to: a body, or the address to go to next."""

    fetched: Fetched | None = None
    location: str = ""


async def system_resolve(host: str, port: int) -> list[str]:
    """Addresses of ``host`` as the operating system finds them. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class SafeFetcher:
    """Implements ``Fetcher``. No proxy, no cookies, no credentials; nothing is kept between two fetches."""

    def __init__(
        self,
        *,
        allow: Iterable[str] = (),
        limits: FetchLimits | None = None,
        resolve: Resolve = system_resolve,
        verify: Any = True,
        user_agent: str = "definition-import",
    ) -> None:
        """``allow``: hosts, addresses or networks of an administrator's. ``verify``: as httpx takes it (TLS)."""
        self._allow = AllowList.parse(allow)
        self._limits = limits or FetchLimits()
        self._resolve = resolve
        self._verify = verify
        self._headers = {"User-Agent": user_agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip, identity"}

    async def fetch(self, url: str, *, max_bytes: int) -> Fetched:
        """GET ``url``. Raises FetchRefused whose ``reason`` is one of the codes in this module."""
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await self._follow(_parsed(url), max_bytes)
        except TimeoutError:
            raise FetchRefused(
                f"Fetching took longer than {self._limits.seconds:g} seconds.",
                reason="fetch_timeout",
                hint="Try again later, or import the definition as a file.",
            ) from None

    async def _follow(self, url: httpx.URL, max_bytes: int) -> Fetched:
        for _ in range(self._limits.redirects + 1):
            hop = await self._get(url, max_bytes)
            if hop.fetched is not None:
                return hop.fetched
            target = _parsed(str(_joined(url, hop.location)))
            if url.scheme == "https" and target.scheme == "http":
                raise FetchRefused(
                    "The address redirects from https to http.",
                    reason="fetch_downgrade",
                    hint="Give the https address of the definition itself.",
                )
            url = target
        raise FetchRefused(
            f"The address redirects more than {self._limits.redirects} times.",
            reason="fetch_redirects",
            hint="Give the address of the definition itself.",
        )

    async def _get(self, url: httpx.URL, max_bytes: int) -> _Hop:
        failure: httpx.TransportError | None = None
        for address in await self._addresses(url):
            try:
                return await self._get_from(url, address, max_bytes)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
            except httpx.HTTPError as error:
                raise _failed(url, error) from None
        raise _failed(url, failure)

    async def _addresses(self, url: httpx.URL) -> list[str]:
        """The addresses of ``url``'s host, all of them allowed."""
        host = url.raw_host.decode("ascii").rstrip(".")
        try:
            found = await self._resolve(host, _port(url))
        except (OSError, UnicodeError):
            found = []
        if not found:
            raise FetchRefused(
                f"The host {host!r} is not known.", reason="fetch_unknown_host", hint="Check the address."
            )
        if not self._allow.allows_name(host):
            for address in found:
                self._check(host, address)
        return found

    def _check(self, host: str, text: str) -> None:
        address = parse_address(text)
        if is_public(address) or self._allow.allows_address(address):
            return
        # The address itself stays unsaid: names of an internal network are not for everybody to resolve.
        raise FetchRefused(
            f"The host {host!r} is not on the open internet; the hub does not go there.",
            reason="fetch_private_address",
            hint=_ASK_ADMINISTRATOR,
        )

    async def _get_from(self, url: httpx.URL, address: str, max_bytes: int) -> _Hop:
        pinned = url.copy_with(host=address)
        headers = {**self._headers, "Host": url.netloc.decode("ascii")}
        timeout = httpx.Timeout(self._limits.seconds, connect=self._limits.connect_seconds)
        async with httpx.AsyncClient(
            trust_env=False, verify=self._verify, timeout=timeout, follow_redirects=False
        ) as client:
            extensions = {"sni_hostname": url.raw_host.decode("ascii")}
            async with client.stream("GET", pinned, headers=headers, extensions=extensions) as response:
                return await self._answer(url, response, max_bytes)

    async def _answer(self, url: httpx.URL, response: httpx.Response, max_bytes: int) -> _Hop:
        if response.status_code in _REDIRECTS and "location" in response.headers:
            return _Hop(location=response.headers["location"][: self._limits.header_bytes])
        if response.status_code != 200:
            raise FetchRefused(
                f"The address answered with status {response.status_code}.",
                reason="fetch_status",
                hint="Open the address in a browser without signing in: it must show the raw definition.",
            )
        body = await _body(response, max_bytes)
        content_type = response.headers.get("content-type", "")[:200]
        return _Hop(fetched=Fetched(content=body, url=str(url), content_type=content_type))


async def _body(response: httpx.Response, max_bytes: int) -> bytes:
    """The body, unpacked here and in bounds: a few packed bytes can hold gigabytes."""
    unpack = _unpacker(response.headers.get("content-encoding", "identity").strip().lower())
    body = bytearray()
    async for chunk in response.aiter_raw():
        # One byte more than allowed may come out, so that "too much" shows.
        body += unpack(chunk, max(1, max_bytes + 1 - len(body)))
        if len(body) > max_bytes:
            raise FetchRefused(
                f"The definition has more than {max_bytes:,} bytes.", reason="fetch_too_large", hint=_RAISE_LIMIT
            )
    return bytes(body)


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    if encoding in ("", "identity"):
        return lambda chunk, _: chunk
    if encoding not in ("gzip", "x-gzip"):
        raise FetchRefused(
            f"The answer is packed as {encoding[:40]!r}, which was not asked for.",
            reason="fetch_encoding",
            hint="Import the definition as a file.",
        )
    engine = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

    def unpack(chunk: bytes, room: int) -> bytes:
        try:
            return engine.decompress(chunk, room)
        except zlib.error:
            raise FetchRefused("The packed answer is damaged.", reason="fetch_encoding", hint="Try again.") from None

    return unpack


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise FetchRefused("This is no valid address.", reason="fetch_malformed", hint="Check it.") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise FetchRefused(
            "Only http and https addresses can be fetched.",
            reason="fetch_scheme",
            hint="Give an address that begins with https://, or import the definition as a file.",
        )
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise FetchRefused("This is no valid address.", reason="fetch_malformed", hint="Check the port.")
    if parsed.userinfo:
        raise FetchRefused(
            "The address holds a user name or password; the hub sends none.",
            reason="fetch_credentials",
            hint="Import the definition as a file.",
        )
    return parsed.copy_with(fragment=None)


def _joined(url: httpx.URL, location: str) -> httpx.URL:
    try:
        return url.join(location)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise FetchRefused(
            "The address redirects to something that is no address.",
            reason="fetch_malformed",
            hint="Give the address of the definition itself.",
        ) from None


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _failed(url: httpx.URL, error: httpx.HTTPError | None) -> FetchRefused:
    tls = error is not None and "certificate" in str(error).lower()
    return FetchRefused(
        f"The host {url.host!r} "
        + ("has a certificate that cannot be trusted." if tls else "does not answer, or broke off."),
        reason="fetch_certificate" if tls else "fetch_failed",
        hint="Check the address, try again later, or import the definition as a file.",
    )
