"""The portal's files: index for every path, caching by hash, precompressed, nothing outside the folder."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from waypost.application.parts import Parts
from waypost.interaction.api.app import create_app
from waypost.interaction.web.pages import Look, Pages, content_policy

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
INDEX = "<!doctype html><html><head><title>API portal</title></head><body></body></html>"
SCRIPT = b"console.log('here')"


async def look() -> Look:
    return Look("Acme & <Sons>", ("https://gw.acme.test",))


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A built portal in small."""
    folder = tmp_path / "site" / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "color-scheme.js").write_bytes(SCRIPT)
    (folder / "assets" / "index-C1gg4fXB.js").write_bytes(SCRIPT)
    (folder / "assets" / "index-C1gg4fXB.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "site" / "secret.txt").write_text("not yours")
    return folder


@pytest.fixture
async def browser(parts: Parts, dist: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with a browser."""
    transport = httpx.ASGITransport(app=create_app(parts, pages=Pages(look, dist=dist)))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/apis/orders", "/apis/v1.2", "/login?token=x", "/index.html"])
async def test_every_page_is_the_index_under_its_policy(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert "<title>Acme &amp; &lt;Sons&gt;</title>" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "connect-src 'self' https://gw.acme.test;" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_scripts_are_never_inline_or_foreign(browser: httpx.AsyncClient) -> None:
    scripts = next(part for part in content_policy(await look()).split("; ") if part.startswith("script-src"))
    assert scripts == "script-src 'self'"


async def test_hashed_files_are_kept_for_a_year_others_are_not(browser: httpx.AsyncClient) -> None:
    hashed = await browser.get("/assets/index-C1gg4fXB.js", headers={"Accept-Encoding": "identity"})
    assert hashed.content == SCRIPT
    assert "immutable" in hashed.headers["cache-control"]
    assert hashed.headers["content-type"].startswith("text/javascript")
    assert (await browser.get("/color-scheme.js")).headers["cache-control"] == "no-cache"


async def test_a_packed_file_is_sent_to_who_takes_it(browser: httpx.AsyncClient) -> None:
    packed = await browser.get("/assets/index-C1gg4fXB.js", headers={"Accept-Encoding": "gzip, br;q=0.5"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.content == SCRIPT


@pytest.mark.parametrize("path", ["/../secret.txt", "/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt"])
async def test_nothing_outside_the_folder_is_served(browser: httpx.AsyncClient, path: str) -> None:
    assert "not yours" not in (await browser.get(path)).text


async def test_a_missing_asset_is_no_page(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/assets/gone-12345678.js")).status_code == 404


async def test_programs_get_problems_not_pages(browser: httpx.AsyncClient) -> None:
    for method, path in (("GET", "/api/v1/nothing"), ("POST", "/apis"), ("GET", "/problems/nothing")):
        answer = await browser.request(method, path)
        assert answer.headers["content-type"] == "application/problem+json", path


async def test_pages_that_are_not_built_say_so(parts: Parts, tmp_path: Path) -> None:
    transport = httpx.ASGITransport(app=create_app(parts, pages=Pages(look, dist=tmp_path / "none")))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
        assert (await client.get("/")).status_code == 503
