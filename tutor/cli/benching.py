"""prompt-tutor bench: the figures of performance, measured now and here."""

import torch

from tutor import bench as benches
from tutor.cli.answers import Refusal, print_json, print_table
from tutor.cli.computing import one_sentence


def bench(name: str | None, *, as_json: bool) -> None:
    """Measure one figure or all and print them with the machine."""
    if name is not None and name not in benches.BENCHES:
        raise Refusal(f"{name} is not a bench; there are {', '.join(benches.BENCHES)}")
    torch.set_num_threads(1)
    with one_sentence():
        found = benches.run([name] if name else [])
    if as_json:
        return print_json(found)
    machine = found.pop("machine")
    print("  ".join(f"{key} {value}" for key, value in machine.items()))
    for title, rows in found.items():
        print_table(title, list(rows[0]), [list(row.values()) for row in rows])
    return None
