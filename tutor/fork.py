"""A running specification never changes: a new learning rate makes a child run that shares its parent's past."""

from tutor.claim import Busy
from tutor.events import EventLog
from tutor.files import StoreError, parse_tensors, read_bytes, write_bytes, write_json
from tutor.folder import RunFolder
from tutor.spec import RunSpec
from tutor.store import RunStore


def forked_spec(spec: RunSpec, step: int, learning_rate: float) -> RunSpec:
    """`spec` with its peak learning rate changed from `step` on, in the recipe that the run optimises with."""
    part = "tuning" if spec.is_tuning else "recipe"
    values = spec.model_dump(mode="json", exclude_none=True)
    earlier = [change for change in values[part]["changes"] if change[0] < step]
    values[part]["changes"] = [*earlier, [step, learning_rate]]
    return RunSpec.from_dict(values)


def fork(store: RunStore, parent: str, *, step: int, learning_rate: float) -> RunFolder:
    """The child of run `parent` whose peak learning rate is `learning_rate` from `step` on.

    It starts from the parent's checkpoint unless that is past `step`; without it the numbers are the same, only later.
    Raises SpecError where step or rate are not allowed, StoreError where the parent is unknown or the disk refuses.
    """
    origin = store.get(parent)
    child = store.create(forked_spec(origin.spec(), step, learning_rate))
    if child.shipped or child.status().state != "queued":
        return child
    claim = child.claim()
    try:
        claim.acquire(child.status().heartbeat)
        write_json(child.file("parent.json"), {"parent": parent, "step": step, "learning_rate": learning_rate})
        _inherit(origin, child, step)
    except Busy:
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
