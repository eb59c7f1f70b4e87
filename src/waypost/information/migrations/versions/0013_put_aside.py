"""How many calls a gateway reported of APIs that it never served."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.add_column("usage_batches", sa.Column("put_aside", sa.BigInteger(), nullable=False, server_default="0"))
