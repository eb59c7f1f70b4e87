"""For operators and probes, outside /api/v1: liveness, readiness, metrics, the description, the meaning of codes."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from waypost.application.decisions.rules import RULES
from waypost.application.hub.figures import figures, readiness
from waypost.interaction.api.deps import PartsDep
from waypost.interaction.api.metrics import HubMetrics
from waypost.kit.crypto import Secret, same
from waypost.kit.errors import NotFound, Problem, Unauthenticated

system_router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """What runtime decides about the edge. Without ``metrics_token`` only loopback reads /metrics."""

    metrics_token: Secret = field(default_factory=lambda: Secret(""))


@system_router.get("/healthz")
async def healthz() -> JSONResponse:
    """The process answers."""
    return JSONResponse({"status": "ok"})


@system_router.get("/readyz")
async def readyz(parts: PartsDep) -> JSONResponse:
    """Everything needed is there: 200, or 503 with what is not."""
    checks = await readiness(parts)
    is_ready = all(checks.values())
    body = {"status": "ready" if is_ready else "not ready", "checks": checks}
    return JSONResponse(body, status_code=200 if is_ready else 503)


@system_router.get("/metrics")
async def metrics(request: Request, parts: PartsDep) -> Response:
    """Prometheus text; from loopback, or with the token that is set."""
    options: ApiOptions = request.app.state.options
    if not _may_scrape(request, options):
        raise Unauthenticated("Metrics take their own bearer token.", hint="Ask who runs this hub.")
    collected: HubMetrics = request.app.state.metrics
    text = collected.render(await figures(parts))
    return Response(text, media_type="text/plain; version=0.0.4")


def _may_scrape(request: Request, options: ApiOptions) -> bool:
    if options.metrics_token:
        sent = request.headers.get("authorization", "")
        return same(sent, f"Bearer {options.metrics_token.reveal()}")
    # Behind a proxy that nobody declared, everything comes from loopback: its header gives it away.
    is_forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    return not is_forwarded and _is_loopback(request.client.host if request.client else "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@system_router.get("/api/v1/openapi.json")
async def openapi_document(request: Request) -> JSONResponse:
    """The description of the platform API."""
    from waypost.interaction.api.openapi import describe

    if not hasattr(request.app.state, "description"):
        request.app.state.description = describe(request.app)
    return JSONResponse(request.app.state.description)


@system_router.get("/problems/{code}")
async def explain_problem(code: str) -> JSONResponse:
    """What a code of the hub's or of a gateway's means and the way out: where a problem's ``type`` points to."""
    waiting: list[type[Problem]] = [Problem]
    while waiting:
        kind = waiting.pop()
        if kind.code == code:
            return _explained(code, kind.title, kind.status, kind.hint)
        waiting += kind.__subclasses__()
    if code not in RULES:
        raise NotFound
    rule = RULES[code]
    return _explained(code, rule.title, rule.status, f"{rule.caller} The decision id of a refusal leads to its facts.")


def _explained(code: str, title: str, status: int, hint: str) -> JSONResponse:
    body = {"code": code, "title": title, "status": status, "hint": hint}
    return JSONResponse(body, headers={"Cache-Control": "public, max-age=3600"})
