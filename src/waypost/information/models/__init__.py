"""ORM rows, one module per noun. Importing this package registers every table on ``Base.metadata``."""

from waypost.information.models.accounts import AccessTokenRow, LoginAttemptRow, OneTimeLoginRow, SessionRow, UserRow
from waypost.information.models.apps import AppRow, CredentialRow
from waypost.information.models.backlog import BacklogRow
from waypost.information.models.base import Base
from waypost.information.models.catalog import ApiRow, BlobRow, OperationRow, VersionRow
from waypost.information.models.events import EventHeadRow, EventRow, IdempotencyRow
from waypost.information.models.gateways import DeploymentRow, GatewayRow, GrantRow, UsageBatchRow
from waypost.information.models.hub import HubRow
from waypost.information.models.issuers import IssuerRow, SigningKeyRow
from waypost.information.models.plans import PlanRow, PlanVersionRow
from waypost.information.models.policies import PolicyRow
from waypost.information.models.search import SearchDocumentRow, SearchTagRow
from waypost.information.models.subscriptions import QuotaCounterRow, SubscriptionRow
from waypost.information.models.teams import EntityRow, MembershipRow, OrganisationRow, TeamRow

__all__ = [
    "AccessTokenRow",
    "ApiRow",
    "AppRow",
    "BacklogRow",
    "Base",
    "BlobRow",
    "CredentialRow",
    "DeploymentRow",
    "EntityRow",
    "EventHeadRow",
    "EventRow",
    "GatewayRow",
    "GrantRow",
    "HubRow",
    "IdempotencyRow",
    "IssuerRow",
    "LoginAttemptRow",
    "MembershipRow",
    "OneTimeLoginRow",
    "OperationRow",
    "OrganisationRow",
    "PlanRow",
    "PlanVersionRow",
    "PolicyRow",
    "QuotaCounterRow",
    "SearchDocumentRow",
    "SearchTagRow",
    "SessionRow",
    "SigningKeyRow",
    "SubscriptionRow",
    "TeamRow",
    "UsageBatchRow",
    "UserRow",
    "VersionRow",
]
