"""prompt-tutor bench: the figures of performance, measured now and here, and compared with those of another day."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import torch
from pydantic import TypeAdapter, ValidationError

from tutor import bench as benches
from tutor.cli.answers import Refusal, print_json, print_table
from tutor.cli.computing import one_sentence
from tutor.files import write_bytes

MOST = 1_000_000                                   # bytes of a saved measurement
SAVED = TypeAdapter(dict[str, dict[str, Any] | list[dict[str, Any]]])


@dataclass(frozen=True)
class Measuring:
    """What to measure, on how many threads, and what to do with it."""

    name: str | None
    threads: int
    save: Path | None
    against: Path | None
    profile: bool


def bench(asked: Measuring, *, as_json: bool) -> None:
    """Measure one figure or all and print them with the machine."""
    if asked.name is not None and asked.name not in benches.BENCHES:
        raise Refusal(f"{asked.name} is not a bench; there are {', '.join(benches.BENCHES)}")
    before = saved(asked.against) if asked.against else {}
    torch.set_num_threads(asked.threads)
    with one_sentence():
        found = benches.run([asked.name] if asked.name else []) if not asked.profile else profiled()
        if asked.save:
            write_bytes(asked.save, orjson.dumps(found, option=orjson.OPT_INDENT_2))
    if as_json:
        return print_json(found)
    print("  ".join(f"{key} {value}" for key, value in found["machine"].items()))
    for title, rows in benches.compared(found, before).items():
        print_table(title, list(rows[0]), [list(row.values()) for row in rows])
    return None


def profiled() -> dict:
    """Where the time of a step goes, on this machine."""
    return {"machine": benches.machine(), "profile": benches.profile()}


def saved(path: Path) -> dict:
    """A measurement written by `--save`. Refusal where the file is none."""
    try:
        if path.stat().st_size > MOST:
            raise Refusal(f"--against is {path}; it has more than {MOST:,} bytes and is no saved measurement")
        return SAVED.validate_json(path.read_bytes())
    except OSError as error:
        raise Refusal(f"--against is {path}; it cannot be read: {error.strerror}") from None
    except ValidationError:
        raise Refusal(f"--against is {path}; it must be a file written by bench --save") from None
