"""What can go wrong with gateways, deployments and agents."""

from __future__ import annotations

from waypost.kit.errors import Conflict, Invalid, Unauthenticated


class GatewayTaken(Conflict):
    """Another gateway has this slug."""

    code = "gateway_taken"
    title = "A gateway with this name exists"
    hint = "Choose another slug."


class GatewayInUse(Conflict):
    """Deployments are still on it."""

    code = "gateway_in_use"
    title = "This gateway still serves APIs"
    hint = "Withdraw its deployments first."


class BadEnrolment(Unauthenticated):
    """The token is wrong, used or too old."""

    code = "bad_enrolment"
    title = "This enrolment token does not work"
    hint = "Ask an administrator for a new one; each works once and only for a while."


class EngineMismatch(Conflict):
    """The agent drives another engine than the gateway was made for."""

    code = "engine_mismatch"
    title = "This gateway was made for another engine"
    hint = "Start the agent with the engine that the gateway names, or create a gateway for this engine."


class NotPublishable(Invalid):
    """Something is missing before this version can go to a gateway; ``errors`` names each thing."""

    code = "not_publishable"
    title = "This version cannot be published yet"
    hint = "Mend what is named and publish again."


class SettingsInvalid(Invalid):
    """The gateway's settings do not fit together."""

    code = "gateway_settings_invalid"
    title = "These settings cannot be saved"


class CapabilityMissing(Invalid):
    """An engine cannot do what is asked for; ``errors`` names each thing and where it is asked for."""

    code = "capability_missing"
    title = "A gateway's engine cannot do this"
    hint = "Use another gateway, or do without what is named."


class AlreadyDeployed(Conflict):
    """The version is on that gateway."""

    code = "already_deployed"
    title = "This version is already on this gateway"
    hint = "Changes reach the gateway by themselves; withdraw it to take it off."


class NotDeployed(Conflict):
    """There is nothing to withdraw."""

    code = "not_deployed"
    title = "This version is not on this gateway"
    hint = "Publish it first."
