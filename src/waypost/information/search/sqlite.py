"""Matching on SQLite: an external-content FTS5 table, kept by triggers (see the migrations)."""

from __future__ import annotations


class SqliteText:
    """FTS5 with bm25; an API itself ranks before its operations."""

    source = """
        (-bm25(search_fts, 10.0, 4.0, 3.0, 1.0)) * CASE d.type WHEN 'api' THEN 2.0 ELSE 1.0 END AS score
        FROM search_fts JOIN search_documents d ON d.rowid = search_fts.rowid WHERE search_fts MATCH :terms"""

    def argument(self, terms: list[str]) -> str:
        """Every word by prefix; quoted, so that no word is an operator."""
        return " AND ".join(f'"{term}"*' for term in terms)
