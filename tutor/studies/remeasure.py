"""Measure shipped results again: `python -m tutor.studies.remeasure [NAME ...]` reads shipped runs and writes `assets/studies`.

Nothing is trained. It is the way to another form of the results, or to new keys of their runs. What is measured by running a
network differs between processors in its last digits; a number that agrees with the one before to ROUNDING stays as it was.
"""

import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tutor.core.paths import ASSETS
from tutor.runs.io.formats import StoreError, read_json, write_bytes
from tutor.runs.store import RunStore
from tutor.studies import FAST, STUDIES
from tutor.studies.study_result import measured, replications_of, to_bytes

ROUNDING = 1e-5
"""Relative difference of two numbers that are taken for the same measurement on two processors."""


def remeasured(name: str, store: RunStore) -> list[str]:
    """Make the shipped result of a study again from its shipped runs and its stored values, and return the differences from the old one.

    The values of its checks on each network stay as they are, because the runs of replications are not shipped.

    Raises
    ------
    StoreError
        Where a run, or weights that its measurement needs, are not shipped.
    """
    path = store.shipped.parent / "studies" / f"{name}-{FAST.name}.json"
    before = read_json(path)
    now = settled(before, measured(STUDIES[name], FAST, store, replications_of(before), before["seconds"]))
    write_bytes(path, to_bytes(now))
    return list(differences(before, now))


def settled(before: Any, now: Any) -> Any:
    """Return the JSON value `now`, with numbers taken from `before` where both agree to a relative ROUNDING."""
    if isinstance(before, dict) and isinstance(now, dict):
        return {name: settled(before.get(name), value) for name, value in now.items()}
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [settled(one, other) for one, other in zip(before, now, strict=True)]
    if isinstance(before, float) and isinstance(now, float) and math.isclose(before, now, rel_tol=ROUNDING):
        return before
    return now


def differences(before: Any, now: Any, place: str = "") -> Iterator[str]:
    """Yield a line for each path at which two JSON values differ, numbers to the last bit; list elements all appear as []."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in sorted(before.keys() | now.keys()):
            if name not in before or name not in now:
                yield f"{place}.{name} {'added' if name in now else 'gone'}"
            else:
                yield from differences(before[name], now[name], f"{place}.{name}")
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for one, other in zip(before, now, strict=True):
            yield from differences(one, other, f"{place}[]")
    elif before != now:
        yield f"{place}: {str(before)[:40]} -> {str(now)[:40]}"


def main(names: Sequence[str]) -> int:
    """Remeasure the named studies, or all of them without a name, and print the differences; return 1 where one could not be measured."""
    store, failed = RunStore(Path("/nowhere"), shipped=ASSETS / "runs"), False
    for name in names or STUDIES:
        try:
            changed = remeasured(name, store)
        except StoreError as error:                    # the weights of some networks are not shipped
            failed = True
            print(f"{name}: left as it was; {error}", flush=True)
            continue
        print(f"{name}: {f'{len(changed)} differences' if changed else 'as before'}", flush=True)
        for line in dict.fromkeys(changed):
            print(f"  {line}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
