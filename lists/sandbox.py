"""The child process that parses a file, seen from the parent.

The child takes its limits as one argument and the file on standard input, and writes JSON
lines: the opened sheet, a row per line, and `end`; or `error` with a code. Whatever kills the
child shows as a missing `end`, so a cut-off list is never taken for a whole one.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from lists.sheet_rows import ReadFailure, ReadLimits, SheetRow

#: The module that the child runs.
READER = "lists.read_rows"
_ROOT = Path(__file__).resolve().parents[1]
#: How the limits of the child show in its exit status (negative: killed by that signal).
_ENDINGS = {
    -signal.SIGABRT: "memory",  # the allocator of calamine aborts
    -signal.SIGSEGV: "memory",
    -signal.SIGKILL: "memory",  # the system's out-of-memory killer
    -signal.SIGXCPU: "time",
    -signal.SIGALRM: "time",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A sheet that the child has opened; see `lists.workbook.OpenSheet`."""

    sheet: str
    sheets: tuple[str, ...]
    rows: Iterator[SheetRow]


@contextmanager
def start_reader(content: bytes, sheet: str | None, limits: ReadLimits) -> Iterator[Reading]:
    """Start a child on the file; leaving the block ends it.

    Raises:
        ReadFailure: the file cannot be read, here or while its rows are read.
    """
    order = orjson.dumps({"sheet": sheet, "limits": asdict(limits)}).decode()
    # The working folder makes the child find the same packages as its parent.
    with subprocess.Popen(  # noqa: S603 - our own module, no shell, no word from the file
        [sys.executable, "-m", READER, order],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
    ) as child:
        try:
            _feed(child, content)
            opened = _next_message(child)
            yield Reading(opened["sheet"], tuple(opened["sheets"]), _rows(child))
        finally:
            child.kill()


def _feed(child: subprocess.Popen[bytes], content: bytes) -> None:
    # The child reads everything before it writes anything, so this cannot deadlock; a child
    # that died early tells why by its exit status.
    with suppress(BrokenPipeError), _pipe(child.stdin) as pipe:
        pipe.write(content)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "both pipes were asked for"
    return pipe


def _rows(child: subprocess.Popen[bytes]) -> Iterator[SheetRow]:
    while isinstance(message := _next_message(child), list):
        row, cells, cut = message
        yield SheetRow(row, tuple(cells), tuple(cut))


def _next_message(child: subprocess.Popen[bytes]) -> Any:
    line = _pipe(child.stdout).readline()
    if not line.endswith(b"\n"):
        raise ReadFailure(_ENDINGS.get(child.wait(), "stopped"))
    message = orjson.loads(line)
    if "error" in message:
        raise ReadFailure(message["error"], **message["facts"])
    return message
