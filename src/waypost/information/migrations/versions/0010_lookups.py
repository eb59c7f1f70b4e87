"""Indexes for what every new key and every change asks: is the value taken, which grants wait, who holds a plan."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_index("ix_credentials_key_sha256", "credentials", ["key_sha256"])
    op.create_index("ix_grants_state_gateway_revision", "grants", ["state", "gateway_id", "revision"])
    op.create_index("ix_subscriptions_plan_version_state", "subscriptions", ["plan_version_id", "state"])
