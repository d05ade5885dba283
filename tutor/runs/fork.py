"""A running specification never changes: a new learning rate makes a child run that shares its parent's past."""

from tutor.runs.events import EventLog
from tutor.runs.folder import RunFolder
from tutor.runs.io.formats import StoreError, parse_tensors, read_bytes, write_bytes, write_json
from tutor.runs.lock import RunBusy
from tutor.runs.spec import RunSpec
from tutor.runs.store import RunStore


def fork_spec(spec: RunSpec, step: int, learning_rate: float) -> RunSpec:
    """Change the peak learning rate of `spec` from a step on.

    Parameters
    ----------
    spec
        The run; for a tuning the recipe of the tuning changes, else that of the pretraining.
    step
        First step with the new rate; changes planned for it or later are dropped.
    learning_rate
        The new peak.

    Raises
    ------
    SpecError
        Where the step or the rate is not allowed.
    """
    part = "tuning" if spec.is_tuning else "recipe"
    values = spec.model_dump(mode="json", exclude_none=True)
    earlier = [change for change in values[part]["changes"] if change[0] < step]
    values[part]["changes"] = [*earlier, [step, learning_rate]]
    return RunSpec.from_dict(values)


def fork_run(store: RunStore, parent: str, *, step: int, learning_rate: float) -> RunFolder:
    """Create a child of run `parent` whose peak learning rate changes at a step, and give it what both have in common.

    The child starts from the parent's checkpoint unless that is past `step`; otherwise it computes the same numbers from the beginning.

    Parameters
    ----------
    store
        Where the runs are kept.
    parent
        Key of a run.
    step
        First step with the new rate.
    learning_rate
        The new peak.

    Returns
    -------
    RunFolder
        The child, not computed yet unless it was there before.

    Raises
    ------
    SpecError
        Where the step or the rate is not allowed.
    StoreError
        Where the parent is unknown or the disk refuses.
    """
    origin = store.get(parent)
    child = store.create(fork_spec(origin.spec(), step, learning_rate))
    if child.shipped or child.status().state != "queued":
        return child
    claim = child.claim()
    try:
        claim.acquire(child.status().heartbeat)
        write_json(child.file("parent.json"), {"parent": parent, "step": step, "learning_rate": learning_rate})
        _inherit(origin, child, step)
    except RunBusy:
        pass                                       # somebody began it meanwhile: nothing is lost but time
    finally:
        claim.release()
    return child


def _inherit(origin: RunFolder, child: RunFolder, step: int) -> None:
    """Give the child its parent's checkpoint, events and frames as far as they are common to both."""
    try:
        data = read_bytes(origin.file("checkpoint.safetensors"))
        checkpoint = parse_tensors(origin.file("checkpoint.safetensors"), data)
    except StoreError:
        return                                     # no checkpoint yet, or none any more
    at, repetition = int(checkpoint["job.step"]), int(checkpoint["run.repetition"])
    if repetition > 0 or at > step:
        return
    log = EventLog(child.file("events.jsonl"))
    for event in origin.events():
        if event["step"] <= at and event["repetition"] == 0:
            log.add(event)
    log.flush(durable=True)
    for filmed in origin.film.steps():
        if filmed <= at:
            child.film.write(origin.frame(filmed))
    write_bytes(child.file("checkpoint.safetensors"), data)
    message = f"shares its first {at} steps with run {origin.key}"
    child.write_status(child.status().but(state="paused", step=at, message=message))
