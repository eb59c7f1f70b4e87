"""Matching on PostgreSQL: a generated, weighted tsvector column with a GIN index (see the migrations)."""

from __future__ import annotations


class PostgresText:
    """tsvector of the ``simple`` configuration: folding and stemming are done in :mod:`.words`."""

    source = """
        ts_rank(d.words, to_tsquery('simple', :terms)) * CASE d.type WHEN 'api' THEN 2 ELSE 1 END AS score
        FROM search_documents d WHERE d.words @@ to_tsquery('simple', :terms)"""

    def argument(self, terms: list[str]) -> str:
        """Every word by prefix; quoted, so that no word is an operator."""
        return " & ".join(f"'{term}':*" for term in terms)
