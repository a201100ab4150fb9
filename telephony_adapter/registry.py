"""From a switch address to its adapter: one plain table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kernel.clock import Clock
from kernel.telephony import Telephony
from telephony_adapter.address import SwitchAddress, parse_address
from telephony_adapter.asterisk.client import AsteriskSwitch
from telephony_adapter.asterisk.connection import AsteriskOptions
from telephony_adapter.simulated.people import Population, Voices
from telephony_adapter.simulated.switch import SimulatedOptions, SimulatedSwitch
from telephony_adapter.simulated.voices import ToneVoices


@dataclass(frozen=True, slots=True)
class AdapterOptions:
    """What the caller gives besides the address; each adapter takes what concerns it.

    Attributes:
        prompts, recordings: folders used when the address names none.
        population: of the simulated switch; drawn from the address's seed when None.
        voices: of the simulated switch.
    """

    prompts: Path | None = None
    recordings: Path | None = None
    population: Population | None = None
    voices: Voices = field(default_factory=ToneVoices)


Factory = Callable[[SwitchAddress, AdapterOptions, Clock], Telephony]


def _simulated(address: SwitchAddress, options: AdapterOptions, clock: Clock) -> Telephony:
    return SimulatedSwitch(
        clock,
        SimulatedOptions(
            seed=address.whole("seed", 0),
            population=options.population,
            voices=options.voices,
            prompts=_folder(address, "prompts", options.prompts),
            recordings=_folder(address, "recordings", options.recordings),
            records=address.options.get("records", "on") == "on",
        ),
    )


def _asterisk(address: SwitchAddress, options: AdapterOptions, clock: Clock) -> Telephony:
    return AsteriskSwitch(
        address,
        clock,
        AsteriskOptions(
            trunk=address.options.get("trunk", "trunk"),
            prompts=_folder(address, "prompts", options.prompts),
            recordings=_folder(address, "recordings", options.recordings),
        ),
    )


FACTORIES: Mapping[str, Factory] = {"asterisk": _asterisk, "simulated": _simulated}


def create_switch(address: str, clock: Clock, options: AdapterOptions | None = None) -> Telephony:
    """The adapter for a switch address; `start` connects it.

    Raises:
        InputError: the address cannot be used.
    """
    parsed = parse_address(address)
    return FACTORIES[parsed.scheme](parsed, options or AdapterOptions(), clock)


def _folder(address: SwitchAddress, name: str, default: Path | None) -> Path | None:
    text = address.options.get(name)
    return default if text is None else Path(text).absolute()
