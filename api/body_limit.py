"""How large a request may be: refused before it fills the memory or the disk."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from lists.sheet_rows import ReadLimits

#: Room for the parts of a form around the file itself.
_UPLOAD_BYTES = ReadLimits().max_bytes + 1_000_000
_OTHER_BYTES = 4_000_000
_UPLOAD_PATHS = frozenset({"/api/v1/batches"})


class BodyLimit:
    """Refuses bodies that announce, or turn out, to be too large."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = _UPLOAD_BYTES if scope["path"] in _UPLOAD_PATHS else _OTHER_BYTES
        if _announced(scope) > most:
            await problem(413, _too_large(most))(scope, receive, send)
            return
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise HTTPException(413, _too_large(most))
            return message

        await self._app(scope, counting, send)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _too_large(most: int) -> str:
    return f"the request is larger than {most} bytes; send less at a time"
