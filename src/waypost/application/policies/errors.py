"""What can go wrong with policies."""

from __future__ import annotations

from waypost.kit.errors import Invalid, NotFound


class PolicyNotFound(NotFound):
    """No policy of this kind stands here."""

    code = "policy_not_found"
    title = "No such policy here"
    hint = "List the policies of this object to see which kinds are set."


class PolicyKindUnknown(NotFound):
    """No such kind, or not at this level."""

    code = "policy_kind_unknown"
    title = "No such policy kind at this level"


class PolicyInvalid(Invalid):
    """The configuration is refused."""

    code = "policy_invalid"
    title = "This policy cannot be saved"
