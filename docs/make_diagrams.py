"""Draws the state diagrams of docs/states.md from the tables themselves.

Run `python docs/make_diagrams.py` after changing a table; a test holds the page to the tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path

from campaigns.campaign import TRANSITIONS as CAMPAIGN
from dialer.seat import TRANSITIONS as SEAT
from kernel.call import TRANSITIONS as ATTEMPT

PAGE = Path(__file__).with_name("states.md")


def page() -> str:
    """The whole page."""
    return "\n".join([
        "# State tables",
        "",
        "Drawn from the tables in the code by `python docs/make_diagrams.py`.",
        "",
        "## A dial attempt (`kernel/call.py`)",
        "",
        "The rank only rises; repeated and late events change nothing.",
        "",
        *_mermaid(_plain(ATTEMPT)),
        "",
        "## A campaign (`campaigns/campaign.py`)",
        "",
        *_mermaid(_labelled(CAMPAIGN)),
        "",
        "## An agent's seat (`dialer/seat.py`)",
        "",
        *_mermaid(_labelled(SEAT)),
        "",
    ])


Arrow = tuple[str, str, str]


def _plain(table: Mapping[Enum, frozenset[Enum]]) -> Iterator[Arrow]:
    for before, following in table.items():
        for after in sorted(following, key=lambda state: int(state.value)):
            yield before.name, after.name, ""


def _labelled(table: Mapping[Enum, Mapping[Enum, Enum]]) -> Iterator[Arrow]:
    for before, moves in table.items():
        for event, after in moves.items():
            yield before.name, after.name, str(event.value)


def _mermaid(arrows: Iterator[Arrow]) -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    for before, after, event in arrows:
        yield f"    {before} --> {after}" + (f": {event}" if event else "")
    yield "```"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
