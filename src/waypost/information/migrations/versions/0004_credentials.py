"""Credentials of several kinds, outside issuers, the hub's signing keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from waypost.information.columns import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
WORKING = sa.text("state IN ('active', 'rotating')")


def upgrade() -> None:
    """Make the change."""
    _credentials()
    _issuers()
    op.create_table(
        "signing_keys",
        sa.Column("algorithm", sa.String(length=10), nullable=False),
        sa.Column("jwk", JSON, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("signs_from", UtcDateTime(), nullable=False),
        sa.Column("published_until", UtcDateTime(), nullable=True),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
    )


def _credentials() -> None:
    with op.batch_alter_table("credentials") as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=20), nullable=False, server_default="key"))
        batch_op.add_column(sa.Column("identifier", sa.String(length=300), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("issuer_url", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("subject", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("secret_sha256", sa.String(length=64), nullable=False, server_default=""))
        batch_op.drop_constraint(op.f("uq_credentials_key_sha256"), type_="unique")
        batch_op.create_index(batch_op.f("ix_credentials_identifier"), ["identifier"], unique=False)
        batch_op.create_index(
            "uq_credentials_working", ["key_sha256"], unique=True, sqlite_where=WORKING, postgresql_where=WORKING
        )


def _issuers() -> None:
    op.create_table(
        "issuers",
        sa.Column("owner_id", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("allow_http", sa.Boolean(), nullable=False),
        sa.Column("algorithms", JSON, nullable=False),
        sa.Column("client_claim", sa.String(length=100), nullable=False),
        sa.Column("refresh_seconds", sa.Integer(), nullable=False),
        sa.Column("jwks", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("error_code", sa.String(length=50), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("fetched_at", UtcDateTime(), nullable=True),
        sa.Column("next_check_at", UtcDateTime(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["entities.id"], name=op.f("fk_issuers_owner_id_entities")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuers")),
        sa.UniqueConstraint("url", name=op.f("uq_issuers_url")),
    )
    with op.batch_alter_table("issuers") as batch_op:
        batch_op.create_index(batch_op.f("ix_issuers_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_issuers_next_check_at"), ["next_check_at"], unique=False)
