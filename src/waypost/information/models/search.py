"""What is findable. The full-text index itself (FTS5 table or tsvector column) is made by the migrations."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.models.base import Base


class SearchDocumentRow(Base):
    """A document. ``words_a`` (title) to ``words_d`` (body) are folded for matching; the others are for showing."""

    __tablename__ = "search_documents"
    __table_args__ = (Index("ix_search_documents_api_type", "api_id", "type"),)

    rowid: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    type: Mapped[str] = mapped_column(String(20))
    api_id: Mapped[str] = mapped_column(ForeignKey("apis.id", ondelete="CASCADE"))
    owner_id: Mapped[str] = mapped_column(String(40))
    visibility: Mapped[str] = mapped_column(String(20))
    lifecycle: Mapped[str] = mapped_column(String(20))
    category: Mapped[str] = mapped_column(String(100), default="")
    kind: Mapped[str] = mapped_column(String(20))
    sort_title: Mapped[str] = mapped_column(String(300), default="")
    excerpt: Mapped[str] = mapped_column(Text, default="")
    words_a: Mapped[str] = mapped_column(Text, default="")
    words_b: Mapped[str] = mapped_column(Text, default="")
    words_c: Mapped[str] = mapped_column(Text, default="")
    words_d: Mapped[str] = mapped_column(Text, default="")


class SearchTagRow(Base):
    """A tag of an API, for the facet."""

    __tablename__ = "search_tags"

    api_id: Mapped[str] = mapped_column(ForeignKey("apis.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)
