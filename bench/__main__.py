"""`python -m bench [NAME ...] [--json] [--quick]`: measure and print."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import orjson

from bench.figures import Figure, Measure, as_data, table

#: Name to module; imported only when it is measured.
MEASUREMENTS: Mapping[str, str] = MappingProxyType({
    "import": "import_rows",
    "script": "script_steps",
    "pacing": "pacing_decide",
    "claims": "claims",
    "engine": "simulated_calls",
    "asterisk": "asterisk_calls",
})


def main() -> None:
    """Measure what was named, or everything."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--json", action="store_true", help="print data as JSON")
    parser.add_argument("--quick", action="store_true", help="smaller runs, under a minute")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in MEASUREMENTS]:
        parser.error(f"no measurement {unknown[0]!r}; there are {', '.join(MEASUREMENTS)}")
    machine = f"{os.cpu_count()} processors, Python {platform.python_version()}"
    figures: dict[str, Sequence[Figure]] = {}
    if not arguments.json:
        print(f"measured on {machine}; whatever else runs on the machine is in the figures")
    for name in arguments.names or MEASUREMENTS:
        figures[name] = measurement(name)(arguments.quick)
        if not arguments.json:
            print("\n".join(table(name, figures[name])), flush=True)
    if arguments.json:
        whole = {"machine": machine, "quick": arguments.quick, "figures": as_data(figures)}
        sys.stdout.write(orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode() + "\n")


def measurement(name: str) -> Measure:
    """The measurement of this name."""
    module = importlib.import_module(f"bench.{MEASUREMENTS[name]}")
    measure: Measure = module.measure
    return measure


if __name__ == "__main__":
    main()
