"""prompt-tutor bench: the figures of performance, measured now and here, and compared with those of another day."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import torch
from pydantic import TypeAdapter, ValidationError

from tutor import bench as benches
from tutor.cli.exit_codes import CommandError, print_json, print_table
from tutor.cli.run_commands import end_with_sentence
from tutor.runs.io.formats import write_bytes

MAX_SAVED_BYTES = 1_000_000                                   # bytes of a saved measurement
SAVED = TypeAdapter(dict[str, dict[str, Any] | list[dict[str, Any]]])


@dataclass(frozen=True)
class BenchRequest:
    """What `bench` measures and where the result goes.

    Parameters
    ----------
    name
        One bench; None measures all.
    threads
        Threads of torch.
    save
        File to write the result to; None writes none.
    against
        A saved result to compare with; None compares with nothing.
    profile
        Show where the time of a step goes, instead of measuring.
    """

    name: str | None
    threads: int
    save: Path | None
    against: Path | None
    profile: bool


def run_bench(asked: BenchRequest, *, as_json: bool) -> None:
    """Measure one bench or all and print the figures with the machine.

    Raises
    ------
    CommandError
        Where the bench is unknown, or a file cannot be read or written.
    """
    if asked.name is not None and asked.name not in benches.BENCHES:
        raise CommandError(f"{asked.name} is not a bench; there are {', '.join(benches.BENCHES)}")
    before = read_saved(asked.against) if asked.against else {}
    torch.set_num_threads(asked.threads)
    with end_with_sentence():
        found = benches.run_benches([asked.name] if asked.name else []) if not asked.profile else profile_here()
        if asked.save:
            write_bytes(asked.save, orjson.dumps(found, option=orjson.OPT_INDENT_2))
    if as_json:
        return print_json(found)
    print("  ".join(f"{key} {value}" for key, value in found["machine"].items()))
    for title, rows in benches.compare_benches(found, before).items():
        print_table(title, list(rows[0]), [list(row.values()) for row in rows])
    return None


def profile_here() -> dict:
    """Profile a training step on this machine."""
    return {"machine": benches.describe_machine(), "profile": benches.profile_step()}


def read_saved(path: Path) -> dict:
    """Read a result written by `bench --save`.

    Raises
    ------
    CommandError
        Where the file cannot be read or is no such result.
    """
    try:
        if path.stat().st_size > MAX_SAVED_BYTES:
            raise CommandError(f"--against is {path}; it has more than {MAX_SAVED_BYTES:,} bytes and is no saved measurement")
        return SAVED.validate_json(path.read_bytes())
    except OSError as error:
        raise CommandError(f"--against is {path}; it cannot be read: {error.strerror}") from None
    except ValidationError:
        raise CommandError(f"--against is {path}; it must be a file written by bench --save") from None
