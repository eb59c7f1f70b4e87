"""Around every request: its id, its line in the log, its numbers, the headers that guard browsers.

Pure ASGI, so that streams stay streams. Whatever escapes the routes ends here as a problem without details.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from waypost.interaction.api.body_limit import BodyLimits, limited
from waypost.interaction.api.metrics import HubMetrics
from waypost.interaction.api.problems import render
from waypost.kit.errors import Problem
from waypost.kit.ids import new_id

log = structlog.get_logger("waypost.request")
_REQUEST_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:-]{7,79}$")
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
_NO_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": _NO_CONTENT_POLICY,
    "cache-control": "no-store",
}
_HSTS = "max-age=31536000"


class RequestMiddleware:
    """The outermost layer."""

    def __init__(self, app: ASGIApp, *, metrics: HubMetrics, body_limits: BodyLimits) -> None:
        self._app = app
        self._limits = body_limits
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["request_id"] = _request_id(scope)
        watch = _Watch(scope, send)
        bounded = limited(scope, receive, self._limits.of(scope["path"]))
        with structlog.contextvars.bound_contextvars(request_id=state["request_id"]), self._metrics.in_flight():
            try:
                await self._app(scope, bounded, watch.send)
            except Exception:  # the edge: nothing internal may leak, everything must be answered
                log.exception("request_failed", method=scope["method"], path=scope["path"])
                await watch.fail(receive)
            finally:
                self._note(scope, watch)

    def _note(self, scope: Scope, watch: _Watch) -> None:
        seconds = time.perf_counter() - watch.began
        unknown = scope["path"] if scope["path"] in _QUIET else "(none)"
        route = str(scope["state"].get("route", unknown))
        self._metrics.observe(route=route, method=scope["method"], status=watch.status, seconds=seconds)
        if scope["path"] in _QUIET:
            return
        principal = scope["state"].get("principal")
        log.info(
            "request",
            method=scope["method"],
            route=route,
            status=watch.status,
            duration_ms=round(seconds * 1000, 1),
            principal=getattr(principal, "id", "") or "anonymous",
        )


class _Watch:
    """Sees the answer leave and completes its headers."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.began = time.perf_counter()
        self.status = 0
        self._scope = scope
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._complete(message.get("headers", []))}
        await self._send(message)

    async def fail(self, receive: Receive) -> None:
        if self.status:
            self.status = 500  # too late for a problem: the server cuts the connection
            raise ConnectionAbortedError("the answer broke off")
        response = render(Problem(), self._scope["state"]["request_id"])
        await response(self._scope, receive, self.send)

    def _complete(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        given = list(headers)
        names = {name.lower() for name, _ in given}
        state = self._scope["state"]
        added: dict[str, Any] = {**_HEADERS, "x-request-id": state["request_id"]}
        if self._scope["scheme"] == "https":
            added["strict-transport-security"] = _HSTS
        missing = [(name, value) for name, value in added.items() if name.encode() not in names]
        cookies = [("set-cookie", value) for value in state.get("set_cookies", ())]
        return given + [(name.encode(), value.encode("latin-1")) for name, value in [*missing, *cookies]]


def _request_id(scope: Scope) -> str:
    sent = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
    return sent if _REQUEST_ID.match(sent) else new_id("req")
