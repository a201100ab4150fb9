"""A switch and the world around it, started together."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from lab import number_plan
from lab.fetch import fetch_asterisk
from lab.ports import PortBlock
from lab.sounds import make_sounds
from lab.switch import Switch
from lab.world import World


@dataclass(frozen=True, slots=True)
class Rig:
    """The switch under control and the world outside, both running.

    Each rig has its own processes, ports, folders and password, so any number may run at once.
    """

    switch: Switch
    world: World
    sounds_dir: Path

    @classmethod
    def start(cls, cache_dir: Path) -> Rig:
        """Fetch what is missing, start both, and wait until both are ready.

        Args:
            cache_dir: keeps Asterisk and the sounds between runs.

        Raises:
            InputError: this system cannot fetch Asterisk.
            UnavailableError: the network, or an instance, does not come up.
        """
        tree = fetch_asterisk(cache_dir)
        sounds_dir = make_sounds(cache_dir)
        with ExitStack() as undo:
            switch_ports = undo.enter_context(PortBlock())
            world_ports = undo.enter_context(PortBlock())
            switch = Switch(
                tree, switch_ports, world_sip_port=world_ports.sip, sounds_dir=sounds_dir
            )
            undo.callback(switch.close)
            world = World(
                tree, world_ports, switch_sip_port=switch_ports.sip, sounds_dir=sounds_dir
            )
            undo.callback(world.close)
            instances = (switch, world)
            for instance in instances:
                instance.launch()
            for instance in instances:
                instance.wait_ready()
            undo.pop_all()
        return cls(switch, world, sounds_dir)

    def describe(self) -> str:
        """The switch's address and the number plan, as text for a terminal."""
        return f"{self.switch.url}\n\n{number_plan.describe()}"

    def hang_up_all(self, within_s: float = 10.0) -> None:
        """End every call on both sides, as after a switch that was killed.

        Raises:
            UnavailableError: calls are still up after `within_s` seconds.
        """
        for instance in (self.switch, self.world):
            instance.cli("channel request hangup all")
        self.switch.wait_until(lambda: self.switch.channel_count() == 0, within_s)
        self.world.wait_until(lambda: self.world.channel_count() == 0, within_s)

    def close(self) -> None:
        """Stop both and remove their folders."""
        for instance in (self.switch, self.world):
            instance.terminate()
        for instance in (self.switch, self.world):
            instance.close()

    def __enter__(self) -> Self:
        """Use the running rig."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()
