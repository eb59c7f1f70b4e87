"""Why a call was let through or refused, and what would become of one that is only described."""

from __future__ import annotations

from waypost.application.decisions.schemas import DecisionRead, SimulateRequest, SimulationRead
from waypost.application.decisions.service import DecisionService
from waypost.application.decisions.simulation import SimulationService
from waypost.interaction.api.access_matrix import OWNED, SIGNED_IN
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/decisions", tags=["analytics"])


@router.get("/{decision_id}", summary="Explain a call", responses=problems(404))
async def explain_decision(ctx: Ctx, decision_id: str) -> DecisionRead:
    """Which policy decided, where it comes from, on which facts, and what would become of the same call now.

    By the id that the caller saw in `x-request-id` and in a refusal's body. Whoever called sees their side; the API's
    provider also sees addresses and configurations.
    """
    return await DecisionService().explain(ctx, decision_id)


@router.post("/simulate", summary="Simulate a call", responses=problems(404), status_code=200)
async def simulate_decision(ctx: Ctx, body: SimulateRequest) -> SimulationRead:
    """The order of execution, walked for a request that is only described: nothing is sent and nothing is kept.

    A credential may be sent as it would be (in `headers` or `path`), or named by its id or its app's.
    """
    return await SimulationService().simulate(ctx, body)


ACCESS = {"explain_decision": OWNED, "simulate_decision": SIGNED_IN}
