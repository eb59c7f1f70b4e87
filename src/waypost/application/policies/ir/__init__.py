"""Kept configurations as IR values. Pure; the compiler calls it."""

from waypost.application.policies.ir.amounts import plan_limits_ir, plan_quotas_ir
from waypost.application.policies.ir.routes import mock_ir, only_differing, route_policies_ir, without_noops
from waypost.application.policies.ir.ways import Ways, cors_ir, issuer_ids, key_auth_ir, ways_ir

__all__ = [
    "Ways",
    "cors_ir",
    "issuer_ids",
    "key_auth_ir",
    "mock_ir",
    "only_differing",
    "plan_limits_ir",
    "plan_quotas_ir",
    "route_policies_ir",
    "ways_ir",
    "without_noops",
]
