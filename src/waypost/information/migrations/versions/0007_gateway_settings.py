"""What holds for a whole gateway: trusted proxies, sizes, a TLS listener."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make the change."""
    with op.batch_alter_table("gateways") as batch_op:
        batch_op.add_column(sa.Column("settings", JSON, nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("sealed_tls_key", sa.Text(), nullable=False, server_default=""))
