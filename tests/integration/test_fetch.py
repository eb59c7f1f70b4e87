"""The fetcher against real servers on loopback, which an allow-list opens where a test needs it."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.integration.web_server import WebServer, redirect, respond, web_server
from waypost.contracts.importers import FetchRefused
from waypost.integration.fetch import FetchLimits, SafeFetcher

LOOPBACK = ("127.0.0.0/8",)
MEBIBYTE = 1024 * 1024


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as server:
        yield server


class Names:
    """A resolver with answers of our own: each call for a name takes the next of its answers, the last for ever."""

    def __init__(self, **answers: list[str]) -> None:
        self.answers = {name.replace("_", "."): list(found) for name, found in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        found = self.answers.get(host, [host])
        return [found.pop(0) if len(found) > 1 else found[0]]


async def refused(fetcher: SafeFetcher, url: str, *, max_bytes: int = MEBIBYTE) -> str:
    with pytest.raises(FetchRefused) as caught:
        await fetcher.fetch(url, max_bytes=max_bytes)
    assert str(caught.value)
    assert caught.value.hint
    return caught.value.reason


async def test_a_listed_host_is_fetched_with_its_type(web: WebServer) -> None:
    web.answers["/api.yaml"] = respond(b"openapi: 3.1.0", headers="Content-Type: application/yaml")
    fetched = await SafeFetcher(allow=LOOPBACK).fetch(web.url("/api.yaml#x"), max_bytes=MEBIBYTE)
    assert fetched.content == b"openapi: 3.1.0"
    assert fetched.content_type == "application/yaml"
    assert fetched.url == web.url("/api.yaml")


async def test_no_credential_cookie_or_product_name_is_sent(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    web.answers["/a"] = respond(b"", status="302 Found", headers="Set-Cookie: a=b\r\nLocation: /b")
    web.answers["/b"] = respond(b"x")
    await SafeFetcher(allow=LOOPBACK).fetch(web.url("/a"), max_bytes=MEBIBYTE)
    sent = "".join(web.requests).lower()
    assert len(web.requests) == 2
    assert not any(word in sent for word in ("cookie", "authorization", "waypost", "httpx"))


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::]"),
        *("10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "192.0.0.8"),
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "203.0.113.9"),
        *("[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[64:ff9b::7f00:1]"),
        *("[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fc00::1]", "[fd12::1]"),
        *("[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]"),
    ],
)
async def test_private_and_special_addresses_are_refused_in_every_spelling(web: WebServer, host: str) -> None:
    reason = await refused(SafeFetcher(), f"http://{host}:{web.port}/")
    # Odd spellings may also be no address at all, or unknown to the resolver, which is as good.
    assert reason in ("fetch_private_address", "fetch_unknown_host", "fetch_malformed")
    assert web.requests == []


async def test_a_name_with_one_private_address_among_public_ones_is_refused(web: WebServer) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.215.14", "127.0.0.1"]

    assert await refused(SafeFetcher(resolve=resolve), web.url(host="mixed.test")) == "fetch_private_address"
    assert web.requests == []


async def test_the_refusal_does_not_tell_what_an_internal_name_resolves_to() -> None:
    with pytest.raises(FetchRefused) as caught:
        await SafeFetcher(resolve=Names(db_corp=["10.20.30.40"])).fetch("http://db.corp/", max_bytes=1)
    assert "10.20.30.40" not in str(caught.value) + caught.value.hint


async def test_a_name_that_changes_its_answer_is_asked_once_and_the_checked_address_used(web: WebServer) -> None:
    web.answers["/"] = respond(b"checked")
    names = Names(rebind_test=["127.0.0.1", "10.0.0.1"])
    fetched = await SafeFetcher(allow=["127.0.0.1"], resolve=names).fetch(
        web.url(host="rebind.test"), max_bytes=MEBIBYTE
    )
    assert fetched.content == b"checked"
    assert names.asked == ["rebind.test"]
    assert f"Host: rebind.test:{web.port}" in web.requests[0]


async def test_a_redirect_resolves_anew_and_is_checked_anew(web: WebServer) -> None:
    web.answers["/"] = redirect("/again")
    names = Names(rebind_test=["127.0.0.1", "10.0.0.1"])
    reason = await refused(SafeFetcher(allow=["127.0.0.1"], resolve=names), web.url(host="rebind.test"))
    assert reason == "fetch_private_address"
    assert names.asked == ["rebind.test", "rebind.test"]


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest/", "//10.0.0.1/", "http://[::ffff:10.0.0.1]/"])
async def test_a_redirect_into_a_private_network_is_refused(web: WebServer, location: str) -> None:
    web.answers["/"] = redirect(location)
    assert await refused(SafeFetcher(allow=LOOPBACK), web.url()) == "fetch_private_address"


async def test_a_listed_name_opens_only_itself(web: WebServer) -> None:
    web.answers["/"] = redirect(web.url("/secret"))
    web.answers["/secret"] = respond(b"secret")
    names = Names(docs_corp_test=["127.0.0.1"])
    fetcher = SafeFetcher(allow=["*.corp.test"], resolve=names)
    assert await refused(fetcher, web.url(host="docs.corp.test")) == "fetch_private_address"
    assert [request.split(" ")[1] for request in web.requests] == ["/"]


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://example.com/x"])
async def test_a_redirect_to_another_scheme_is_refused(web: WebServer, location: str) -> None:
    web.answers["/"] = redirect(location)
    assert await refused(SafeFetcher(allow=LOOPBACK), web.url()) == "fetch_scheme"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "fetch_scheme"),
        ("ftp://example.com/a", "fetch_scheme"),
        ("/relative", "fetch_scheme"),
        ("", "fetch_scheme"),
        ("http://", "fetch_scheme"),
        ("http://user:secret@example.com/", "fetch_credentials"),
        ("http://example.com:99999/", "fetch_malformed"),
        ("http://exa\0mple.com/", "fetch_malformed"),
        ("http://[::1", "fetch_malformed"),
    ],
)
async def test_what_is_no_fetchable_address_is_refused_before_any_look_up(url: str, reason: str) -> None:
    names = Names()
    assert await refused(SafeFetcher(resolve=names), url) == reason
    assert names.asked == []


async def test_at_most_five_redirects_are_followed(web: WebServer) -> None:
    for number in range(10):
        web.answers[f"/{number}"] = redirect(f"/{number + 1}")
    web.answers["/10"] = respond(b"end")
    fetched = await SafeFetcher(allow=LOOPBACK).fetch(web.url("/5"), max_bytes=MEBIBYTE)
    assert fetched.url == web.url("/10")
    web.requests.clear()
    assert await refused(SafeFetcher(allow=LOOPBACK), web.url("/4")) == "fetch_redirects"
    assert len(web.requests) == 6


async def test_a_body_without_end_is_cut_off_at_the_limit(web: WebServer) -> None:
    sent = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    web.answers["/"] = endless
    assert await refused(SafeFetcher(allow=LOOPBACK), web.url()) == "fetch_too_large"
    assert sent < 64 * MEBIBYTE


async def test_a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(web: WebServer) -> None:
    web.answers["/exact"] = respond(b"x" * 1000)
    web.answers["/more"] = respond(b"x" * 1001)
    fetcher = SafeFetcher(allow=LOOPBACK)
    assert len((await fetcher.fetch(web.url("/exact"), max_bytes=1000)).content) == 1000
    assert await refused(fetcher, web.url("/more"), max_bytes=1000) == "fetch_too_large"


async def test_packed_bodies_are_unpacked_within_the_limit(web: WebServer) -> None:
    web.answers["/good"] = respond(gzip.compress(b"openapi: 3.1.0"), headers="Content-Encoding: gzip")
    web.answers["/bomb"] = respond(gzip.compress(bytes(200 * MEBIBYTE)), headers="Content-Encoding: gzip")
    web.answers["/damaged"] = respond(b"no gzip at all", headers="Content-Encoding: gzip")
    web.answers["/other"] = respond(b"x", headers="Content-Encoding: br")
    fetcher = SafeFetcher(allow=LOOPBACK)
    assert (await fetcher.fetch(web.url("/good"), max_bytes=MEBIBYTE)).content == b"openapi: 3.1.0"
    assert await refused(fetcher, web.url("/bomb")) == "fetch_too_large"
    assert await refused(fetcher, web.url("/damaged")) == "fetch_encoding"
    assert await refused(fetcher, web.url("/other")) == "fetch_encoding"


@pytest.mark.parametrize("slow_part", ["head", "body"])
async def test_a_slow_server_is_given_up_on_though_it_keeps_sending(web: WebServer, slow_part: str) -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if slow_part == "body" else b"X-A: "))
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    web.answers["/"] = slow
    started = time.monotonic()
    fetcher = SafeFetcher(allow=LOOPBACK, limits=FetchLimits(seconds=0.3))
    assert await refused(fetcher, web.url()) == "fetch_timeout"
    assert time.monotonic() - started < 5


async def test_a_slow_resolver_counts_too() -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    assert (
        await refused(SafeFetcher(resolve=never, limits=FetchLimits(seconds=0.1)), "http://a.test/") == "fetch_timeout"
    )


@pytest.mark.parametrize(
    "status", ["404 Not Found", "500 Oops", "204 No Content", "401 Unauthorized", "304 Not Modified"]
)
async def test_only_a_200_is_a_definition(web: WebServer, status: str) -> None:
    web.answers["/"] = respond(b"", status=status)
    assert await refused(SafeFetcher(allow=LOOPBACK), web.url()) == "fetch_status"


async def test_no_server_and_nonsense_for_an_answer_are_refusals(web: WebServer) -> None:
    web.answers["/"] = b"this is not HTTP\r\n\r\n"
    web.answers["/short"] = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"
    fetcher = SafeFetcher(allow=LOOPBACK)
    assert await refused(fetcher, web.url()) == "fetch_failed"
    assert await refused(fetcher, web.url("/short")) == "fetch_failed"
    assert await refused(fetcher, "http://127.0.0.1:1/") == "fetch_failed"


async def test_the_next_address_is_tried_when_the_first_does_not_answer(web: WebServer) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.9.9.9", "127.0.0.1"]

    web.answers["/"] = respond(b"second")
    fetched = await SafeFetcher(allow=LOOPBACK, resolve=resolve).fetch(web.url(host="two.test"), max_bytes=10)
    assert fetched.content == b"second"


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for ``name`` and a server context that uses it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return path, context


async def test_tls_checks_the_name_although_the_address_is_pinned(tmp_path: Path) -> None:
    path, context = certificate(tmp_path, "api.example.test")
    names = Names(api_example_test=["127.0.0.1"], other_example_test=["127.0.0.1"])
    trust = ssl.create_default_context(cafile=path)
    async with web_server(context) as web:
        web.answers["/"] = respond(b"over tls")
        web.answers["/down"] = redirect("http://api.example.test/")
        fetcher = SafeFetcher(allow=LOOPBACK, resolve=names, verify=trust)
        secure = web.url(host="api.example.test", scheme="https")
        assert (await fetcher.fetch(secure, max_bytes=100)).content == b"over tls"
        assert web.server_names == ["api.example.test"]
        assert await refused(fetcher, secure + "down") == "fetch_downgrade"
        other = web.url(host="other.example.test", scheme="https")
        assert await refused(fetcher, other) == "fetch_certificate"
        assert await refused(SafeFetcher(allow=LOOPBACK, resolve=names), secure) == "fetch_certificate"


@pytest.mark.parametrize("entry", ["", "http://x/", "10.0.0.0/99", "a b", "*"])
def test_an_allow_list_with_an_unreadable_entry_is_not_accepted(entry: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        SafeFetcher(allow=[entry])
