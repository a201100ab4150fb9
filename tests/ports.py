"""Whether a class offers what a port asks for: every method, with the same parameters."""

from __future__ import annotations

import inspect


def missing_from(port: type, implementation: type) -> list[str]:
    """What of the port's methods the implementation lacks, or takes other parameters for."""
    asked = [name for name in vars(port) if not name.startswith("_")]
    return [name for name in asked if not _offers(port, implementation, name)]


def _offers(port: type, implementation: type, name: str) -> bool:
    offered = inspect.getattr_static(implementation, name, None)
    if offered is None:
        return False
    if isinstance(offered, property):
        return isinstance(inspect.getattr_static(port, name), property)
    wanted = inspect.signature(getattr(port, name)).parameters
    given = inspect.signature(getattr(implementation, name)).parameters
    return [_shape(p) for p in wanted.values()] == [_shape(p) for p in given.values()]


def _shape(parameter: inspect.Parameter) -> tuple[str, bool]:
    return parameter.name, parameter.default is inspect.Parameter.empty
