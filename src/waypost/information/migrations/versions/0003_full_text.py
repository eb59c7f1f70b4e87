# ruff: noqa: S608 - constants only
"""Full-text search: an FTS5 table kept by triggers on SQLite, a generated tsvector on PostgreSQL."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORDS = "words_a, words_b, words_c, words_d"
NEW = "new.rowid, new.words_a, new.words_b, new.words_c, new.words_d"
OLD = "'delete', old.rowid, old.words_a, old.words_b, old.words_c, old.words_d"

SQLITE = (
    f"CREATE VIRTUAL TABLE search_fts USING fts5({WORDS}, content='search_documents', content_rowid='rowid',"
    " tokenize='unicode61 remove_diacritics 2', prefix='2 3')",
    f"CREATE TRIGGER search_fts_insert AFTER INSERT ON search_documents BEGIN"
    f" INSERT INTO search_fts(rowid, {WORDS}) VALUES ({NEW}); END",
    f"CREATE TRIGGER search_fts_delete AFTER DELETE ON search_documents BEGIN"
    f" INSERT INTO search_fts(search_fts, rowid, {WORDS}) VALUES ({OLD}); END",
    f"CREATE TRIGGER search_fts_update AFTER UPDATE ON search_documents BEGIN"
    f" INSERT INTO search_fts(search_fts, rowid, {WORDS}) VALUES ({OLD});"
    f" INSERT INTO search_fts(rowid, {WORDS}) VALUES ({NEW}); END",
    "INSERT INTO search_fts(search_fts) VALUES ('rebuild')",
)
POSTGRES = (
    "ALTER TABLE search_documents ADD COLUMN words tsvector GENERATED ALWAYS AS ("
    "setweight(to_tsvector('simple', words_a), 'A') || setweight(to_tsvector('simple', words_b), 'B') || "
    "setweight(to_tsvector('simple', words_c), 'C') || setweight(to_tsvector('simple', words_d), 'D')) STORED",
    "CREATE INDEX ix_search_documents_words ON search_documents USING gin (words)",
)


def upgrade() -> None:
    """Make the change."""
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)
