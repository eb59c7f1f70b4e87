"""An access token that a token made knows which: it ends with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    with op.batch_alter_table("access_tokens") as batch_op:
        batch_op.add_column(sa.Column("made_with", sa.String(length=40), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_access_tokens_made_with_access_tokens"),
            "access_tokens",
            ["made_with"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_index(batch_op.f("ix_access_tokens_made_with"), ["made_with"], unique=False)
