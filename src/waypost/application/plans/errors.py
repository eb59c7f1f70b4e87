"""What can go wrong with plans."""

from __future__ import annotations

from waypost.kit.errors import Conflict, Invalid, NotFound


class PlanNotFound(NotFound):
    """No such plan, or not the caller's to know of."""

    code = "plan_not_found"
    title = "No such plan"
    hint = "List the API's plans to see which there are."


class PlanTaken(Conflict):
    """Another plan of this API has the slug."""

    code = "plan_taken"
    title = "Another plan of this API has this slug"
    hint = "Choose another slug or name."


class PlanTermsInvalid(Invalid):
    """Limits that contradict each other."""

    code = "plan_terms_invalid"
    title = "These limits cannot hold together"


class PlanInUse(Conflict):
    """Somebody is subscribed to it, or was."""

    code = "plan_in_use"
    title = "Somebody subscribed to this plan"
    hint = "Retire it instead: it takes no new subscriptions, and existing ones keep what they were promised."
