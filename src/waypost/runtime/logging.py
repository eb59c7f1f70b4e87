"""Structured logs on stderr: JSON for machines, text on a terminal. stdout stays free for what a command prints."""

from __future__ import annotations

import logging
import sys

import structlog

from waypost.kit.text import one_line
from waypost.runtime.settings import Settings


def configure(settings: Settings) -> None:
    """Set up structlog, and send the standard library's loggers (uvicorn, sqlalchemy) through it."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    as_text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if as_text else structlog.processors.JSONRenderer()
    )
    shared.append(one_line_each)
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


def one_line_each(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Values on one line each: what callers send (a path, say) neither forges a line nor steers a terminal."""
    ours = ("exception", "stack")
    return {
        key: one_line(value) if isinstance(value, str) and key not in ours else value for key, value in event.items()
    }
