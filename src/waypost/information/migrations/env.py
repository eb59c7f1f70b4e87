"""Alembic's entry point; the connection comes from :func:`waypost.information.store.migrate`."""

from __future__ import annotations

from alembic import context

from waypost.information.migrations.compare import include_object
from waypost.information.models import Base


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
