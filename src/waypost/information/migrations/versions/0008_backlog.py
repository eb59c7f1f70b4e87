"""Work in steps, with the indexes it walks along; the full text is written anew only where the words change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WORDS = "words_a, words_b, words_c, words_d"
NEW = "new.rowid, new.words_a, new.words_b, new.words_c, new.words_d"
OLD = "'delete', old.rowid, old.words_a, old.words_b, old.words_c, old.words_d"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "backlog",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("api_id", sa.String(length=40), nullable=False),
        sa.Column("gateway_id", sa.String(length=40), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backlog")),
    )
    op.create_index("ix_subscriptions_api_id_id", "subscriptions", ["api_id", "id"])
    op.drop_index("ix_credentials_app_id", "credentials")
    op.create_index("ix_credentials_app_id_id", "credentials", ["app_id", "id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER search_fts_update")
        op.execute(
            f"CREATE TRIGGER search_fts_update AFTER UPDATE OF {WORDS} ON search_documents BEGIN"  # noqa: S608
            f" INSERT INTO search_fts(search_fts, rowid, {WORDS}) VALUES ({OLD});"
            f" INSERT INTO search_fts(rowid, {WORDS}) VALUES ({NEW}); END"
        )
