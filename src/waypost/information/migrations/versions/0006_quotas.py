"""Several quotas per plan, by unit and window; counters per meter and span."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from waypost.information.columns import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make the change."""
    with op.batch_alter_table("plan_versions") as batch_op:
        batch_op.add_column(sa.Column("quotas", JSON, nullable=False, server_default="[]"))
    _terms()
    with op.batch_alter_table("plan_versions") as batch_op:
        batch_op.drop_column("quota")
    _counters()


def _terms() -> None:
    """``quota`` {requests, window} becomes the only one of ``quotas``."""
    columns = (sa.column("id", sa.String), sa.column("quota", JSON), sa.column("quotas", JSON))
    table = sa.table("plan_versions", *columns)
    connection = op.get_bind()
    for row in connection.execute(sa.select(table.c.id, table.c.quota)).all():
        if row.quota:
            changed = table.update().where(table.c.id == row.id).values(quotas=[_quota(row.quota)])
            connection.execute(changed)


def _quota(old: dict[str, Any]) -> dict[str, Any]:
    counted = {"amount": old["requests"], "window": old["window"], "unit": "requests", "header": ""}
    return {**counted, "rolling": False, "soft_percent": 0, "overage": False}


def _counters() -> None:
    """The primary key changes, which no database does in place."""
    op.execute('CREATE TABLE quota_kept AS SELECT subscription_id, "window", starts_at, used FROM quota_counters')
    op.drop_table("quota_counters")
    op.create_table(
        "quota_counters",
        sa.Column("subscription_id", sa.String(length=40), nullable=False),
        sa.Column("meter", sa.String(length=120), nullable=False),
        sa.Column("span", sa.String(length=20), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("used", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_quota_counters_subscription_id_subscriptions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription_id", "meter", "span", "starts_at", name=op.f("pk_quota_counters")),
    )
    op.execute(
        "INSERT INTO quota_counters (subscription_id, meter, span, starts_at, used) "
        "SELECT subscription_id, 'requests', \"window\", starts_at, used FROM quota_kept"
    )
    op.drop_table("quota_kept")
