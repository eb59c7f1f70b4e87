"""What can go wrong with policies."""

from __future__ import annotations

from waypost.kit.errors import Conflict, Invalid, NotFound


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


class PolicyContradicts(Invalid):
    """With the other policies that hold, it would not make sense."""

    code = "policy_contradicts"
    title = "Another policy contradicts this"
    hint = "Change the policy that is named first, or say something else here."


class PolicyLocked(Conflict):
    """A wider place has locked this kind."""

    code = "policy_locked"
    title = "A wider policy is locked"
    hint = "Say the same as the locking policy or nothing, or ask whoever set it to unlock it."
