"""The client label: one string per credential that says whose call it is and how it is limited.

The key filter writes it into a request header whose name begins with a colon. Such a header exists inside the engine
only: no client can send one, and none is written towards an upstream. So limits, answers and the access log read it
where it is, and nothing has to be copied or cleaned (``docs/adr/0010-the-label-is-a-pseudo-header.md``).

    "pro";q=6;w=60~<plan><bucket>~plan~subscription~app~credential

It begins with the plan's ``RateLimit-Policy``, the name first, because the engine's formatters can cut a header's end
only: within one API all policies have one width, and so have their names. What is missing is filled up with spaces
after the first semicolon, where a structured field may have them (RFC 9651, 3.1.2). Plan and bucket are digests of
fixed length; filters match labels of one plan by prefix, and buckets are counted by subscription. A caller without
limits has no policy in front. A used-up quota has a mark instead, and the second at which it starts anew.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_letters

from waypost.contracts.ir import Grant, Plan
from waypost.contracts.vocab import GrantState
from waypost.contracts.windows import resets_at
from waypost.integration.gateways.envoy.filters import rate_limit
from waypost.integration.gateways.envoy.names import CLIENT

USED_UP = "!"
WHOLE = f"%REQ({CLIENT})%"
"""The format command for the whole label."""
_LIVE = "~"
_DIGEST = 12
_BITS = ascii_letters[:34]


@dataclass(frozen=True, slots=True)
class Label:
    """The part of a label that names a caller."""

    plan_id: str = ""
    subscription_id: str = ""
    app_id: str = ""
    credential_id: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """How the labels of one API look. ``heads`` are the policies by plan; widths are in characters."""

    heads: Mapping[str, str]
    width: int
    name_width: int

    def of(self, grant: Grant) -> str:
        """The label of one grant; a plan the API does not have means no limits."""
        caller = f"~{grant.plan_id}~{grant.subscription_id}~{grant.app_id}~{grant.credential_id}"
        if grant.state is GrantState.EXHAUSTED:
            return f"{USED_UP}{_in_bits(int(resets_at(grant).timestamp()))}{caller}"
        return f"{self.plan_prefix(grant.plan_id)}{_digest(grant.subscription_id)}{caller}"

    def plan_prefix(self, plan_id: str) -> str:
        """What every live label of a plan begins with."""
        return f"{self.heads.get(plan_id, '')}{_LIVE}{_digest(plan_id)}"

    @property
    def name(self) -> str:
        """The format command for the policy's name with quotes and semicolon, where there is a policy."""
        return f"%REQ({CLIENT}):{self.name_width}%"

    @property
    def policy(self) -> str:
        """The format command for the whole policy, where there is one."""
        return f"%REQ({CLIENT}):{self.width}%"

    @property
    def bucket(self) -> str:
        """The format command for what tells the buckets of limited callers apart."""
        return f"%REQ({CLIENT}):{self.width + len(_LIVE) + 2 * _DIGEST}%"


def of_stranger(credential_id: str) -> str:
    """The label of a key where it has no grant."""
    return f"~~~~{credential_id}"


def names(plan_id: str) -> str:
    """A piece that every label of a plan holds, and no other."""
    return f"~{plan_id}~"


@lru_cache(maxsize=4096)
def of_plans(plans: tuple[Plan, ...]) -> Labels:
    """The labels of an API with these plans."""
    policies = {plan.id: rate_limit.policy(plan) for plan in plans if rate_limit.limits(plan)}
    split = {plan_id: text.partition(";") for plan_id, text in policies.items()}
    name_width = max((len(name) + 1 for name, _, _ in split.values()), default=0)
    width = max((name_width + len(rest) for _, _, rest in split.values()), default=0)
    heads = {key: f"{name};{' ' * (width - len(name) - 1 - len(rest))}{rest}" for key, (name, _, rest) in split.items()}
    return Labels(heads, width, name_width)


def read_label(text: str) -> Label:
    """Plan, subscription, app and credential out of a label; empty where there is none."""
    parts = text.split("~")
    return Label(*parts[-4:]) if len(parts) > 4 else Label()


def reset() -> str:
    """CEL: the second, since 1970, at which the used-up quota of this call starts anew.

    The engine's CEL takes no text apart, it only says whether a text holds another; so the number is told bit by bit.
    """
    label = f"request.headers['{CLIENT}']"
    return _sum([f"({label}.contains('|{letter}') ? {1 << bit} : 0)" for bit, letter in enumerate(_BITS)])


def _sum(terms: list[str]) -> str:
    """In parentheses by halves: the engine reads 32 levels."""
    half = len(terms) // 2
    return f"({_sum(terms[:half])} + {_sum(terms[half:])})" if half else terms[0]


def _in_bits(number: int) -> str:
    return "".join(f"|{letter}" for bit, letter in enumerate(_BITS) if number >> bit & 1)


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.blake2b(text.encode(), digest_size=_DIGEST * 3 // 4).digest()).decode()
