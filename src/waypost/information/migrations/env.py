"""Alembic's entry point; the connection comes from :func:`waypost.information.store.migrate`."""

from __future__ import annotations

from typing import Any

from alembic import context

from waypost.information.models import Base

FULL_TEXT = ("search_fts", "ix_search_documents_words")


def include_object(_item: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Full-text parts differ per database and are written by hand, so they are not compared."""
    if kind == "column" and name == "words":
        return False
    return not (name or "").startswith(FULL_TEXT)


def run() -> None:
    """Upgrade in the transaction that the caller has opened and will commit."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        include_object=include_object,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
