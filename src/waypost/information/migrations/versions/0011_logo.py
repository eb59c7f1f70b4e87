"""The hub's logo may be a picture, not only the address of one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    with op.batch_alter_table("hub") as batch_op:
        batch_op.alter_column(
            "logo_url", existing_type=sa.String(length=2000), type_=sa.Text(), existing_nullable=False
        )
