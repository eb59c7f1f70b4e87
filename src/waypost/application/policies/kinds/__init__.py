"""Every kind of policy, in the order of execution."""

from __future__ import annotations

from collections.abc import Mapping

from waypost.application.policies.kinds import how_much, may, traffic, who
from waypost.application.policies.kinds.base import Config, KindInfo
from waypost.contracts.ir.order import POSITION

_ALL = (*who.KINDS, *may.KINDS, *how_much.KINDS, *traffic.KINDS)
KINDS: Mapping[str, KindInfo] = {info.kind.value: info for info in sorted(_ALL, key=lambda info: POSITION[info.kind])}

__all__ = ["KINDS", "Config", "KindInfo"]
