"""SQL as data: migrations and named queries, read once from the package's files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def queries(room: str) -> Mapping[str, str]:
    """The queries of `queries/<room>.sql`, by the names in their `-- name: ...` lines."""
    text = files(__name__).joinpath("queries", f"{room}.sql").read_text(encoding="utf-8")
    _, *parts = _NAME.split(text)
    return dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True))


def migrations() -> Mapping[str, str]:
    """Every migration, name to text, in the order in which they apply."""
    folder = files(__name__).joinpath("migrations")
    found = {item.name: item.read_text(encoding="utf-8") for item in folder.iterdir()}
    return {name: found[name] for name in sorted(found) if name.endswith(".sql")}
