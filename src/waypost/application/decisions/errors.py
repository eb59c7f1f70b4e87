"""What can go wrong with decisions."""

from __future__ import annotations

from waypost.kit.errors import Invalid, NotFound


class DecisionNotFound(NotFound):
    """No such call, or not the caller's to know of."""

    code = "decision_not_found"
    title = "No such decision"
    hint = "Use the decision id of a refusal's body or of `x-request-id`; a call shows within seconds, for seven days."


class NotServed(Invalid):
    """No gateway serves what the description calls."""

    code = "not_served"
    title = "No gateway serves this"
    hint = "Publish a version of the API on the gateway first, or name another gateway."


class NotYourCaller(NotFound):
    """The credential or app that a description names is not the caller's to use."""

    code = "caller_not_found"
    title = "No such app or credential"
    hint = "Name an app or credential of your own; a provider may name those that are subscribed to the API."
