"""Runs the benchmarks that are wanted, each in a process of its own, and prints one table."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import multiprocessing
import traceback
from concurrent.futures import ProcessPoolExecutor

from benchmarks.databases import DATABASES, server_clock
from benchmarks.measuring import Finding, Sizes, count_cpu, say, table

ON_DATABASES = ("tick", "due", "admission", "journey", "kinds", "limits")
BENCHMARKS = {
    "tick": "benchmarks.ticks:three_steps",
    "due": "benchmarks.ticks:due_of_many",
    "admission": "benchmarks.ticks:admission",
    "journey": "benchmarks.journeys:in_flight",
    "kinds": "benchmarks.kinds:each_kind",
    "limits": "benchmarks.kinds:at_their_caps",
    "delivery": "benchmarks.delivery:delivery",
    "inbox": "benchmarks.inbox:replies",
    "check": "benchmarks.programs:check_one",
    "files": "benchmarks.programs:check_many",
    "simulate": "benchmarks.programs:simulate",
    "lsp": "benchmarks.lsp:key_press",
}


def measure(name: str, sizes: Sizes) -> list[Finding]:
    """Run one benchmark; what breaks is a finding, too."""
    module, _, function = BENCHMARKS[name].partition(":")
    if sizes.cpu:
        count_cpu(None if sizes.database == "sqlite" else server_clock())
    try:
        found: list[Finding] = getattr(importlib.import_module(module), function)(sizes)
    except Exception as broken:  # noqa: BLE001 - the others are still of interest
        say(traceback.format_exc())
        return [Finding(name, 0, "s", None, "", reached=False, note=f"broken: {type(broken).__name__}: {broken}"[:120])]
    return found


def _apart(name: str, sizes: Sizes) -> list[Finding]:
    """Run one benchmark in a process of its own: nothing is warm that another has warmed, and the memory is its own."""
    there = "" if sizes.database == DATABASES[0] else ", PostgreSQL"
    say(f"{name}{there} …")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(measure, name, sizes).result()
    return [dataclasses.replace(one, what=f"{one.what}{there}") for one in found]


def main() -> int:
    """Run the benchmarks; 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast the engine is.")
    parser.add_argument("--only", default=",".join(BENCHMARKS), help=f"some of {', '.join(BENCHMARKS)}, with commas")
    parser.add_argument("--database", choices=(*DATABASES, "both"), default="both", help="of what the engine does")
    for field in dataclasses.fields(Sizes):
        if field.name == "database":
            continue
        parser.add_argument(f"--{field.name}", type=int, default=field.default, help=f"default {field.default}")
    chosen = vars(parser.parse_args())
    names = chosen.pop("only").split(",")
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark `{unknown[0]}`; there are {', '.join(BENCHMARKS)}")
    findings: list[Finding] = []
    wanted = chosen.pop("database")
    for name in names:
        databases = DATABASES if wanted == "both" else (wanted,)
        for database in databases if name in ON_DATABASES else DATABASES[:1]:
            findings += _apart(name, Sizes(**chosen, database=database))
    print(table(findings))
    return 1 if any(found.reached is False for found in findings) else 0
