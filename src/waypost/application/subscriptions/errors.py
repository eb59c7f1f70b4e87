"""What can go wrong with subscriptions."""

from __future__ import annotations

from waypost.kit.errors import Conflict, Invalid


class AlreadySubscribed(Conflict):
    """One open subscription per app and API."""

    code = "already_subscribed"
    title = "This app already has a subscription to this API"
    hint = "Change the plan of that subscription, or cancel it first."


class ApiNotOpen(Conflict):
    """Drafts and retired APIs take no subscriptions."""

    code = "api_not_open"
    title = "This API takes no subscriptions"
    hint = "Wait until its owner has published it, or look for its successor."


class BadPlan(Invalid):
    """The plan is not one of this API's, or not on offer."""

    code = "bad_plan"
    title = "This plan cannot be chosen"
    hint = "Choose one of the API's published plans."


class NotPending(Conflict):
    """Only a pending subscription can be decided."""

    code = "not_pending"
    title = "This subscription was already decided"
    hint = "Read it again to see its state."


class NotOpen(Conflict):
    """Only a pending or active subscription can be cancelled or changed."""

    code = "not_open"
    title = "This subscription has ended"
    hint = "Subscribe anew."


class PlanNeedsApproval(Conflict):
    """A change to a plan with approval is the provider's to make."""

    code = "plan_needs_approval"
    title = "This plan needs the provider's approval"
    hint = (
        "Nothing was changed. Ask the provider to change the plan, or cancel and subscribe anew: "
        "calls are then refused until that is approved."
    )
