"""Logs: a static message and structured fields, one JSON object a line, on standard error.

Ids go into logs; phone numbers and people's names never do. `PhoneNumber` prints itself masked,
and the last processor here masks whatever still looks like a number in full.
"""

from __future__ import annotations

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

#: A plus sign and nine or more digits: an E.164 number that slipped into a text.
_E164 = re.compile(r"\+\d{5,11}(?=\d{4})")


def _mask_numbers(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if isinstance(value, str) and "+" in value:
            event[key] = _E164.sub("+***", value)
    return event


def configure_logs(level: str = "info", *, human: bool = False) -> None:
    """Send every log line to standard error.

    Args:
        level: lowest level that is written.
        human: coloured text for a terminal instead of JSON.
    """
    threshold = getattr(logging, level.upper())
    logging.basicConfig(level=max(threshold, logging.WARNING), stream=sys.stderr, force=True)
    renderer = structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask_numbers,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
