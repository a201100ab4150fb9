"""A switch's address as a value: `simulated://?seed=7`, `asterisk://user:password@host/app`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from kernel.errors import InputError

#: Asterisk's HTTP port in its sample configuration.
ASTERISK_PORT = 8088

_OPTIONS: Mapping[str, frozenset[str]] = {
    "simulated": frozenset({"seed", "prompts", "recordings", "records"}),
    "asterisk": frozenset({"trunk", "prompts", "recordings"}),
}


@dataclass(frozen=True, slots=True)
class SwitchAddress:
    """Where a switch is and how to speak to it.

    Attributes:
        scheme: `simulated` or `asterisk`.
        host: name or IP address; '' for the simulated switch.
        port: TCP port of HTTP; 0 for the simulated switch.
        user: of the REST interface.
        password: never part of `str()` or `repr()`.
        app: name of our application on the switch.
        options: what stands after `?`, each name once.
    """

    scheme: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    app: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        """The address without its secret."""
        if self.scheme == "simulated":
            return "simulated://"
        return f"{self.scheme}://{self.user}@{self.host}:{self.port}/{self.app}"

    def whole(self, name: str, default: int) -> int:
        """An option that is a whole number.

        Raises:
            InputError: it is not one.
        """
        text = self.options.get(name)
        if text is None:
            return default
        try:
            return int(text)
        except ValueError:
            raise InputError(f"switch address: {name}= takes a whole number") from None


def parse_address(text: str) -> SwitchAddress:
    """Read a switch address.

    Raises:
        InputError: it cannot be used; the message says which part, and never the password.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise InputError("switch address: host or port cannot be read") from None
    known = _OPTIONS.get(parts.scheme)
    if known is None:
        raise InputError(
            f"switch address: unknown scheme {parts.scheme[:20]!r}; "
            f"supported are {', '.join(f'{scheme}://' for scheme in sorted(_OPTIONS))}"
        )
    options = _read_options(parts, known)
    if parts.scheme == "simulated":
        return _simulated(parts, options)
    return _asterisk(parts, port, options)


def _read_options(parts: SplitResult, known: frozenset[str]) -> Mapping[str, str]:
    options: dict[str, str] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in known:
            raise InputError(
                f"switch address: {parts.scheme}:// knows no option {name[:20]!r}; "
                f"it takes {', '.join(sorted(known))}"
            )
        if name in options or not value:
            raise InputError(f"switch address: give {name}= once, with a value")
        options[name] = value
    return MappingProxyType(options)


def _simulated(parts: SplitResult, options: Mapping[str, str]) -> SwitchAddress:
    if parts.netloc or parts.path.strip("/"):
        raise InputError("switch address: simulated:// takes options only, as in ?seed=7")
    if options.get("records", "on") not in {"on", "off"}:
        raise InputError("switch address: records= is on or off")
    address = SwitchAddress("simulated", options=options)
    address.whole("seed", 0)
    return address


def _asterisk(parts: SplitResult, port: int | None, options: Mapping[str, str]) -> SwitchAddress:
    app = unquote(parts.path.strip("/"))
    shape = "asterisk://user:password@host:port/app"
    if not parts.hostname:
        raise InputError(f"switch address: the host is missing; write {shape}")
    if not parts.username or not parts.password:
        raise InputError(f"switch address: user and password are missing; write {shape}")
    if not app.replace("-", "").replace("_", "").isalnum() or not app.isascii():
        raise InputError(
            f"switch address: the application's name is letters, digits, - and _; write {shape}"
        )
    return SwitchAddress(
        scheme="asterisk",
        host=parts.hostname,
        port=ASTERISK_PORT if port is None else port,
        user=unquote(parts.username),
        password=unquote(parts.password),
        app=app,
        options=options,
    )
