"""The portal's files: one page for every path, hashed assets kept for a year, and the policy that binds the page.

The files are listed once at start; only listed names are served, so no path can leave the folder.
"""

from __future__ import annotations

import html
import mimetypes
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

DIST = Path(__file__).parent / "dist"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_NOT_BUILT = "The pages are not built: run `make up`, or install the package."


@dataclass(frozen=True, slots=True)
class Look:
    """What the page needs from the hub: its name, and the gateways that the try-it console may call."""

    name: str
    gateways_origins: tuple[str, ...] = ()


class Pages:
    """An ASGI application for GET and HEAD."""

    def __init__(self, look: Callable[[], Awaitable[Look]], *, dist: Path = DIST) -> None:
        self._look = look
        self._files = {f"/{path.relative_to(dist).as_posix()}": path for path in dist.rglob("*") if path.is_file()}
        index = dist / "index.html"
        self._index = index.read_text() if index.is_file() else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        found = self._files.get(path) if path != "/index.html" else None
        is_there = found is not None and found.is_file()  # a rebuild may have taken it since
        response = self._asset(path, found, Headers(scope=scope)) if found and is_there else await self._page(path)
        await response(scope, receive, send)

    def _asset(self, path: str, file: Path, headers: Headers) -> Response:
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        sent = {"Cache-Control": _caching(path), "Vary": "Accept-Encoding"}
        accepted = {part.split(";")[0].strip() for part in headers.get("accept-encoding", "").split(",")}
        for encoding, suffix in _ENCODINGS:
            packed = self._files.get(path + suffix)
            if packed and encoding in accepted:
                return FileResponse(packed, media_type=kind, headers={**sent, "Content-Encoding": encoding})
        return FileResponse(file, media_type=kind, headers=sent)

    async def _page(self, path: str) -> Response:
        if not self._index:
            return PlainTextResponse(_NOT_BUILT, status_code=503)
        if "." in path.rpartition("/")[2] and path.startswith("/assets/"):
            return PlainTextResponse("Not found", status_code=404)
        look = await self._look()
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": content_policy(look)}
        return Response(_titled(self._index, look.name), media_type="text/html", headers=headers)


def _caching(path: str) -> str:
    """Names with a content hash never change; the rest is asked for again."""
    is_hashed = re.search(r"-[A-Za-z0-9_-]{8,}\.\w+$", path) is not None
    return "public, max-age=31536000, immutable" if is_hashed else "no-cache"


def _titled(index: str, name: str) -> str:
    title = f"<title>{html.escape(name)}</title>"
    return re.sub(r"<title>.*?</title>", lambda _: title, index, count=1)


def content_policy(look: Look) -> str:
    """Everything from the hub itself; calls also to the gateways. Styles inline: the component library sets them."""
    connect = " ".join(["'self'", *look.gateways_origins])
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src {connect}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
