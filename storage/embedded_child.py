"""Becomes a child that dies with its parent, then executes the given program.

Run as a script of its own, by file, with the standard library only: the product's process never
forks Python code of its own, which is unsafe once it has threads.

    python -I -S embedded_child.py PARENT_PID UID GID PROGRAM ARGUMENT...
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def become(parent_pid: int, uid: int, gid: int, command: list[str]) -> None:
    """Drop root, tie this process to its parent's life and execute `command`."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After setuid: a change of credentials clears the setting (prctl(2)). SIGINT is
    # PostgreSQL's fast shutdown.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() != parent_pid:
        sys.exit("the parent ended before the server could start")
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
