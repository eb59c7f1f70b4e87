"""Former subscriptions of the same app to the same API are looked up with every report of usage."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_index("ix_subscriptions_app_api", "subscriptions", ["app_id", "api_id"])
    op.drop_index("ix_subscriptions_app_id", "subscriptions")
