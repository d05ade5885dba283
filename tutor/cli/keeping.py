"""prompt-tutor runs: what is in the store, and what becomes of it."""

from pathlib import Path

from tutor.cli.answers import FAILED, Refusal, counted, duration, print_json, print_table, say
from tutor.cli.computing import one_sentence, report
from tutor.export import write_zip
from tutor.files import blame
from tutor.store import RunInfo, RunStore


def list_runs(root: Path | None, *, own: bool, last: int | None, as_json: bool) -> None:
    """Every run, or one's own, or the newest of them, the newest first."""
    infos = [info for info in RunStore(root).list() if not (own and info.shipped)][:last]
    if as_json:
        return print_json([as_entry(info) for info in infos])
    rows = [[info.key, info.label, info.status.state, f"{info.status.step}/{info.status.steps}",
             duration(info.status.seconds), "shipped" if info.shipped else "own"] for info in infos]
    return print_table(counted(len(rows)), ["key", "run", "state", "step", "time", "kept"], rows)


def as_entry(info: RunInfo) -> dict:
    """One run in `runs list --json`."""
    return {"key": info.key, "label": info.label, "kind": info.kind, "shipped": info.shipped, "status": info.status.model_dump()}


def show(key: str, root: Path | None, *, spec: bool, as_json: bool) -> None:
    """Status and summary of a run, or its specification."""
    with one_sentence():
        store = RunStore(root)
        run = store.load(store.complete(key))
        status = run.status
        if spec:
            print_json(run.spec.model_dump(mode="json", exclude_none=True)) if as_json else print(run.spec.to_toml())
        elif status.state == "done":
            report(run, as_json=as_json)
        elif as_json:
            print_json({"key": run.key, "label": run.spec.label, "state": status.state, "status": status.model_dump()})
        else:
            print(f"{run.key}  {run.spec.label}\n{status.state} at step {status.step} of {status.steps}  {status.message}")


def export(key: str, out: Path | None, root: Path | None) -> None:
    """Write the zip and print where."""
    with one_sentence():
        store = RunStore(root)
        key = store.complete(key)
        path = out or Path(f"run-{key}.zip")
        draft = path.with_name(f".{path.name}.part")
        try:
            with open(draft, "wb") as file:
                write_zip(store, key, file)
            draft.replace(path)
        except OSError as error:
            raise blame("write", path, error) from error
        finally:
            draft.unlink(missing_ok=True)
    print(path)


def verify(key: str | None, root: Path | None, *, as_json: bool) -> None:
    """Check one run or all; Refusal with code 1 where a file is wrong."""
    with one_sentence():
        store = RunStore(root)
        folders = [store.get(store.complete(key))] if key else list(map(store.get, store.keys()))
        faults = {folder.key: folder.verify() for folder in folders}
    wrong = sum(map(len, faults.values()))
    if as_json:
        print_json([{"key": each, "faults": [vars(fault) for fault in found]} for each, found in faults.items()])
    else:
        for each, found in faults.items():
            for fault in found:
                print(f"{each}/{fault.file}: {fault.problem}")
    if wrong:
        raise Refusal(f"{wrong} files are wrong in {sum(map(bool, faults.values()))} of {len(faults)} runs", FAILED)
    say(f"{len(faults)} runs verified, every file is whole")


def delete(key: str, root: Path | None) -> None:
    """Remove an own run."""
    with one_sentence():
        store = RunStore(root)
        key = store.complete(key)
        store.delete(key)
    say(f"run {key} is deleted")
