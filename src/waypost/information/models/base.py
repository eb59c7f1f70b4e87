"""The declarative base and the columns nearly every table has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from waypost.information.columns import UtcDateTime


class Base(DeclarativeBase):
    """All tables; constraint names are stable so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Identified:
    """A text id of the form ``<prefix>_<ulid>`` and when the row was made."""

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Versioned(Identified):
    """A row people edit: ``revision`` grows with each change and is its ETag."""

    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy hands the class
        # Each UPDATE and DELETE names the revision that was read, so that of two changes at once one fails
        # (StaleDataError) also where the database lets both read first. We count it up ourselves.
        return {"version_id_col": cls.revision, "version_id_generator": False}
