"""The world outside: an Asterisk whose numbers behave as planned, and its log of what happened."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from kernel.errors import InputError
from lab.asterisk import AsteriskInstance
from lab.fetch import AsteriskTree
from lab.number_plan import Behaviour, behaviour_of
from lab.ports import PortBlock

# Calls that the world makes itself start without a number.
_DIALED = re.compile(r"\+?\d+")
# What Asterisk sends as the user of From when it has no caller number.
_WITHHELD = "anonymous"


@dataclass(frozen=True, slots=True)
class WorldCall:
    """One INVITE that reached the world, as the world saw it.

    Attributes:
        number: as dialed.
        caller_id: number shown to the callee; '' when none was sent.
        channel_id: the world's own id of the call.
        behaviour: what the number does; None when nobody has it.
        invited_at: when the INVITE came (microseconds, from Asterisk's event).
        answered_at: None while not answered.
        ended_at: None while the call lasts.
        digits: keys the callee heard.
    """

    number: str
    caller_id: str
    channel_id: str
    behaviour: Behaviour | None
    invited_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    digits: str = ""


class World(AsteriskInstance):
    """People, announcements and agents' telephones (see `lab.number_plan`).

    Args:
        tree: the Asterisk to run.
        ports: its ports.
        switch_sip_port: SIP port of the switch on 127.0.0.1.
        sounds_dir: folder made by `lab.sounds`.
    """

    def __init__(
        self, tree: AsteriskTree, ports: PortBlock, *, switch_sip_port: int, sounds_dir: Path
    ) -> None:
        super().__init__(
            tree,
            "world",
            ports,
            {"sounds_dir": str(sounds_dir), "switch_sip_port": str(switch_sip_port)},
        )

    @property
    def call_log_path(self) -> Path:
        """The ground truth: one line for each call's start, answer, key and end."""
        return self.directory / "log/calls.jsonl"

    def calls(self) -> list[WorldCall]:
        """Every call since the world first started, in order of their INVITEs.

        The log follows the events within milliseconds.
        """
        if not self.call_log_path.exists():
            return []
        # Asterisk writes whole lines; what follows the last line end is still being written.
        whole, _, _ = self.call_log_path.read_text(encoding="utf-8").rpartition("\n")
        return read_call_log(whole.splitlines())

    def dial_in(self, called: str, caller: str) -> None:
        """Call the switch; whoever owns the number `caller` behaves on the answered call.

        Args:
            called: the number the switch is asked for.
            caller: a number of the plan, without `+86`.
        """
        self.cli(f"channel originate PJSIP/{called}@anyone extension {caller}@world")

    def recording(self, number: str, *, said: bool = False) -> Path:
        """What the telephone `number` heard (or said) in its latest recorded call.

        8 kHz mono wav, complete when the call has ended. Agents' telephones, and people who
        speak, are recorded.

        Raises:
            InputError: no recorded call to that number.
        """
        side = "said" if said else "heard"
        number = number.removeprefix("+86")
        found = sorted(
            (self.directory / "spool/monitor").glob(f"{number}-*-{side}.wav"),
            key=lambda path: path.stat().st_mtime_ns,
        )
        if not found:
            raise InputError("the lab's world has no recorded call to that number")
        return found[-1]


def read_call_log(lines: Iterable[str]) -> list[WorldCall]:
    """Fold the lines that lab/config/world/cel_custom.conf describes into calls."""
    calls: dict[str, WorldCall] = {}
    for line in lines:
        event: dict[str, str] = json.loads(line)
        at = datetime.fromtimestamp(float(event["eventtime"]), UTC)
        channel_id, number = event["uniqueid"], event["exten"]
        if event["eventtype"] == "CHAN_START" and _DIALED.fullmatch(number):
            caller_id = event["num"].replace(_WITHHELD, "")
            calls[channel_id] = WorldCall(
                number, caller_id, channel_id, behaviour_of(number), invited_at=at
            )
        elif channel_id in calls:
            calls[channel_id] = _after(calls[channel_id], event, at)
    return list(calls.values())


def _after(call: WorldCall, event: dict[str, str], at: datetime) -> WorldCall:
    match event["eventtype"]:
        case "ANSWER":
            return replace(call, answered_at=at)
        case "HANGUP":
            return replace(call, ended_at=at)
        case "DTMF":
            return replace(call, digits=call.digits + json.loads(event["eventextra"])["digit"])
        case _:
            return call
