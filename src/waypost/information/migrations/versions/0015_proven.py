"""Credentials whose possession was shown, and the audience of the tokens that show it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change. What somebody only said was theirs so far is theirs until somebody shows otherwise."""
    op.add_column("issuers", sa.Column("proof_audience", sa.String(length=500), nullable=False, server_default=""))
    op.add_column("credentials", sa.Column("proven", sa.Boolean(), nullable=False, server_default=sa.true()))
    credentials = sa.table("credentials", sa.column("kind", sa.String()), sa.column("proven", sa.Boolean()))
    said = credentials.c.kind.in_(("external_client", "certificate"))
    op.execute(credentials.update().where(said).values(proven=False))
