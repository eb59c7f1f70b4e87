"""Client and upstream of the suite, against each other: what is sent arrives to the letter."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from waypost.testing.conformance.form import Behaviour
from waypost.testing.conformance.upstream import Upstream
from waypost.testing.conformance.wire import Address, Answer, exchange, written

BEHAVIOURS = {
    "/large": Behaviour(size=300_000),
    "/chunked": Behaviour(size=1001, chunked=True),
    "/cut": Behaviour(size=1000, fault="cut"),
    "/reset": Behaviour(fault="reset"),
    "/garbage": Behaviour(fault="garbage"),
    "/slow": Behaviour(delay_ms=200),
    "/none": Behaviour(status=204),
    "/twice": Behaviour(headers={"x-a": ["1", "2"], "content-type": None}),
}


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    server = Upstream(BEHAVIOURS)
    await server.start()
    yield server
    await server.stop()


async def ask(
    upstream: Upstream, path: str, *, method: str = "GET", body: bytes = b"", chunked: bool = False
) -> Answer:
    request = written(method, path, [("Host", "x"), ("x-a", "1"), ("X-A", "2")], body, chunked=chunked)
    return await exchange(Address(host="127.0.0.1", port=upstream.port), request, head=method == "HEAD", seconds=3)


async def test_a_request_arrives_to_the_letter(upstream: Upstream) -> None:
    answer = await ask(upstream, "/a%2Fb?c=%7C&&d")
    assert (answer.status, answer.json()) == (200, {"ok": True})
    [seen] = upstream.seen
    assert (seen.method, seen.target, seen.lines("x-a")) == ("GET", "/a%2Fb?c=%7C&&d", ["1", "2"])


@pytest.mark.parametrize("chunked", [False, True])
async def test_bodies_arrive_whole(upstream: Upstream, chunked: bool) -> None:
    await ask(upstream, "/", method="POST", body=b"0123456789", chunked=chunked)
    assert upstream.seen[0].body == b"0123456789"


@pytest.mark.parametrize(("path", "size"), [("/large", 300_000), ("/chunked", 1001), ("/none", 0)])
async def test_answers_arrive_whole(upstream: Upstream, path: str, size: int) -> None:
    answer = await ask(upstream, path)
    assert (len(answer.body), answer.complete) == (size, True)


async def test_head_has_no_body(upstream: Upstream) -> None:
    answer = await ask(upstream, "/large", method="HEAD")
    assert (answer.status, answer.body, answer.lines("content-length")) == (200, b"", ["300000"])


async def test_a_broken_answer_is_told(upstream: Upstream) -> None:
    cut = await ask(upstream, "/cut")
    assert (cut.status, len(cut.body), cut.complete) == (200, 500, False)
    for path in ("/reset", "/garbage"):
        broken = await ask(upstream, path)
        assert (broken.status, broken.complete) == (0, False)


async def test_delays_and_several_lines(upstream: Upstream) -> None:
    assert (await ask(upstream, "/slow")).took_ms >= 200
    answer = await ask(upstream, "/twice")
    assert (answer.lines("x-a"), answer.lines("content-type")) == (["1", "2"], [])


async def test_nobody_there() -> None:
    answer = await exchange(Address(host="127.0.0.1", port=1), b"", seconds=1)
    assert (answer.status, answer.complete) == (0, False)
