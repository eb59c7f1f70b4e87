"""Policies at every level, locked or with sealed secrets; what the engines of gateways can do."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TEMPLATED = ("request_set", "request_add", "response_set", "response_add")


def upgrade() -> None:
    """Make the change."""
    with op.batch_alter_table("policies") as batch_op:
        batch_op.alter_column("api_id", existing_type=sa.String(length=40), nullable=True)
        batch_op.add_column(sa.Column("team_id", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("sealed", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("locked", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_foreign_key(
            op.f("fk_policies_team_id_entities"), "entities", ["team_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_index(batch_op.f("ix_policies_team_id"), ["team_id"], unique=False)
    with op.batch_alter_table("gateways") as batch_op:
        batch_op.add_column(sa.Column("capabilities", JSON, nullable=True))
    _braces()


def _braces() -> None:
    """Header values have become templates: a brace that was meant as such is written twice."""
    table = sa.table("policies", sa.column("id", sa.String), sa.column("kind", sa.String), sa.column("config", JSON))
    connection = op.get_bind()
    for row in connection.execute(sa.select(table).where(table.c.kind == "headers")).all():
        config = {name: _doubled(items) if name in TEMPLATED else items for name, items in row.config.items()}
        connection.execute(table.update().where(table.c.id == row.id).values(config=config))


def _doubled(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**item, "value": item["value"].replace("{", "{{").replace("}", "}}")} for item in items]
