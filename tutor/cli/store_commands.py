"""prompt-tutor runs: what is in the store, and what becomes of it."""

from dataclasses import dataclass
from pathlib import Path

from tutor.cli.exit_codes import FAILED, CommandError, count_runs, format_duration, print_error, print_json, print_table
from tutor.cli.run_commands import end_with_sentence, print_run
from tutor.runs.export import write_zip
from tutor.runs.field_conditions import filter_from
from tutor.runs.io.formats import explain_os_error
from tutor.runs.run_info import RunFilter
from tutor.runs.store import RunInfo, RunStore
from tutor.runs.verification import find_faults


@dataclass(frozen=True)
class Listing:
    """What `runs list` shows: own runs only, the `last` newest (None: all), and those that meet conditions such as "method.kind=SoftPT"."""

    own: bool = False
    last: int | None = None
    where: tuple[str, ...] = ()


def list_runs(root: Path | None, asked: Listing, *, as_json: bool, csv: Path | None = None) -> None:
    """Print the chosen runs, the newest first, or write them to a CSV file.

    Parameters
    ----------
    root
        Folder of the user's own runs; None is the default store.
    asked
        Which runs to show.
    as_json
        Print JSON instead of a table.
    csv
        File to write a table with specifications and scores to; None prints.

    Raises
    ------
    CommandError
        Where a condition is not valid, the store cannot be read, or the file cannot be written.
    """
    with end_with_sentence():
        store = RunStore(root)
        wanted = filter_from(asked.where, RunFilter(kept="own" if asked.own else ""))
        if csv:
            table = store.table(wanted, limit=asked.last)
            write_text(csv, table.to_csv(index=False))
            return print_error(f"{count_runs(len(table))} in {csv}")
        infos = store.list(wanted, limit=asked.last)
    if as_json:
        return print_json([list_entry(info) for info in infos])
    rows = [[info.key, info.label, info.status.state, f"{info.status.step}/{info.status.steps}",
             format_duration(info.status.seconds), "shipped" if info.shipped else "own"] for info in infos]
    return print_table(count_runs(len(rows)), ["key", "run", "state", "step", "time", "kept"], rows)


def list_entry(info: RunInfo) -> dict:
    """Make the entry of one run in `runs list --json`."""
    return {"key": info.key, "label": info.label, "kind": info.kind, "shipped": info.shipped, "status": info.status.model_dump()}


def show_run(key: str, root: Path | None, *, spec: bool, as_json: bool) -> None:
    """Print status and summary of a run, or its specification.

    Parameters
    ----------
    key
        The key or its first six digits or more.
    root
        Folder of the user's own runs; None is the default store.
    spec
        Print the specification.
    as_json
        Print JSON instead of a table or TOML.

    Raises
    ------
    CommandError
        Where no run or several runs have that key, or the run is damaged.
    """
    with end_with_sentence():
        store = RunStore(root)
        run = store.load(store.complete(key))
        status = run.status
        if spec:
            print_json(run.spec.model_dump(mode="json", exclude_none=True)) if as_json else print(run.spec.to_toml())
        elif status.state == "done":
            print_run(run, as_json=as_json)
        elif as_json:
            print_json({"key": run.key, "label": run.spec.label, "state": status.state, "status": status.model_dump()})
        else:
            print(f"{run.key}  {run.spec.label}\n{status.state} at step {status.step} of {status.steps}  {status.message}")


def write_text(path: Path, text: str) -> None:
    """Write a text file in one step.

    Raises
    ------
    StoreError
        Where the disk refuses.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_text(text, encoding="utf-8", newline="")
        draft.replace(path)
    except OSError as error:
        raise explain_os_error("write", path, error) from error
    finally:
        draft.unlink(missing_ok=True)


def export_run(key: str, out: Path | None, root: Path | None) -> None:
    """Write the zip of a finished run and print its path.

    Parameters
    ----------
    key
        The key or its first six digits or more.
    out
        File to write; None is run-KEY.zip in the current folder.
    root
        Folder of the user's own runs; None is the default store.

    Raises
    ------
    CommandError
        Where the run is unknown, not finished or damaged, or the file cannot be written.
    """
    with end_with_sentence():
        store = RunStore(root)
        key = store.complete(key)
        path = out or Path(f"run-{key}.zip")
        draft = path.with_name(f".{path.name}.part")
        try:
            with open(draft, "wb") as file:
                write_zip(store, key, file)
            draft.replace(path)
        except OSError as error:
            raise explain_os_error("write", path, error) from error
        finally:
            draft.unlink(missing_ok=True)
    print(path)


def verify_runs(key: str | None, root: Path | None, *, as_json: bool) -> None:
    """Check every file of one run or of all, and print what is wrong.

    Parameters
    ----------
    key
        The key or its first six digits or more; None checks all runs.
    root
        Folder of the user's own runs; None is the default store.
    as_json
        Print JSON instead of lines.

    Raises
    ------
    CommandError
        With exit code 1 where a file is wrong, with 2 where the run is unknown.
    """
    with end_with_sentence():
        store = RunStore(root)
        folders = [store.get(store.complete(key))] if key else list(map(store.get, store.keys()))
        faults = {folder.key: find_faults(folder) for folder in folders}
    wrong = sum(map(len, faults.values()))
    if as_json:
        print_json([{"key": each, "faults": [vars(fault) for fault in found]} for each, found in faults.items()])
    else:
        for each, found in faults.items():
            for fault in found:
                print(f"{each}/{fault.file}: {fault.problem}")
    if wrong:
        raise CommandError(f"{wrong} files are wrong in {sum(map(bool, faults.values()))} of {len(faults)} runs", FAILED)
    print_error(f"{len(faults)} runs verified, every file is whole")


def delete_run(key: str, root: Path | None) -> None:
    """Delete one of the user's own runs.

    Raises
    ------
    CommandError
        Where the run is unknown, shipped, being computed, or the base of another run.
    """
    with end_with_sentence():
        store = RunStore(root)
        key = store.complete(key)
        store.delete(key)
    print_error(f"run {key} is deleted")
