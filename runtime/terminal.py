"""What every subcommand shares: output, one-line errors, exit codes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine, Iterator
from typing import Annotated, Any, NoReturn, TypeVar

import orjson
import structlog
import typer

from kernel.errors import DefectError, WaihuError
from runtime.logs import configure_logs
from runtime.settings import Settings, load_settings

log = structlog.get_logger(__name__)
T = TypeVar("T")

#: Exit codes: 0 done, 1 failed, 2 wrong use.
FAILED = 1

Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]


def settings_for_command(**changes: object) -> Settings:
    """Settings with logs set up: quiet, because a command's output is its answer."""
    settings = load_settings(**changes)
    configure_logs("error" if settings.log_level == "info" else settings.log_level)
    return settings


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; of a group of errors one is raised, the user's before ours."""
    try:
        return asyncio.run(main)
    except ExceptionGroup as group:
        errors = list(_members(group))
        raise next((e for e in errors if isinstance(e, WaihuError)), errors[0]) from None


def _members(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _members(error)
        else:
            yield error


def print_json(value: object) -> None:
    """Print a value as one JSON document on standard output."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    sys.stdout.write(orjson.dumps(value, option=options, default=str).decode() + "\n")


def fail(error: Exception) -> NoReturn:
    """Say in one line what is wrong, and end."""
    if isinstance(error, WaihuError) and not isinstance(error, DefectError):
        sys.stderr.write(f"waihu: {error}\n")
    else:
        log.debug("defect", exc_info=error)
        text = " ".join(f"{type(error).__name__}: {error}".split())
        sys.stderr.write(
            f"waihu: this is our defect, not yours: {text} "
            "(WAIHU_LOG_LEVEL=debug shows where; please report it)\n"
        )
    raise SystemExit(FAILED) from None
