"""Logs: a static message and structured fields, one JSON object a line, on standard error.

Ids go into logs; phone numbers and people's names never do. `PhoneNumber` prints itself masked,
and the last step here masks whatever still looks like a number in full.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import Processor, WrappedLogger

#: A plus sign and nine or more digits: an E.164 number that slipped into a text.
_E164 = re.compile(r"\+\d{5,11}(?=\d{4})")


def configure_logs(level: str = "info", *, human: bool = False) -> None:
    """Send every log line, those of libraries too, to standard error.

    Args:
        level: lowest level that is written; of libraries, warnings at the least.
        human: coloured text for a terminal instead of JSON.
    """
    threshold = getattr(logging, level.upper())
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: list[Processor] = [_renderer(human=human), _mask_numbers]
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    libraries = logging.StreamHandler(sys.stderr)
    libraries.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(level=max(threshold, logging.WARNING), handlers=[libraries], force=True)


def _renderer(*, human: bool) -> Processor:
    if not human:
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    # The prettier tracebacks show local variables, and those may be anybody's data.
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def _mask_numbers(_: WrappedLogger, __: str, line: Any) -> str:
    """The whole line at the end, so that no field, nested or not, escapes."""
    return _E164.sub("+***", line)
