"""Who may compute a run: one process, which claims it, and writes nothing more when it lost the claim."""

import os
import time

import pytest
from smallest import pretraining

from tutor.runs.engine.heartbeat import ProgressListener
from tutor.runs.engine.runner import advance_run
from tutor.runs.io.processes import ClaimHolder
from tutor.runs.lock import RunBusy


def test_only_one_process_computes_a_run(store):
    folder = store.create(pretraining())
    claim = folder.claim()
    claim.acquire(0.0)
    with pytest.raises(RunBusy, match="is being computed by process"):
        folder.claim().acquire(0.0)
    folder.write_status(folder.status().but(state="running"))
    assert advance_run(store.root, folder.key) == "running"
    assert not folder.file("events.jsonl").exists()
    claim.release()


def test_many_processes_that_break_a_dead_claim_agree_on_one(store):
    folder = store.create(pretraining())
    folder.file("claim.json").write_text('{"pid": 4194999, "host": "%s", "born": "1"}' % ClaimHolder.here().host)  # noqa: UP031
    children = []
    for _ in range(6):
        children.append(os.fork())
        if children[-1] == 0:
            try:
                folder.claim().acquire(0.0)
                time.sleep(0.6)                    # hold it while the others try
                os._exit(0)
            except RunBusy:
                os._exit(1)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert sorted(codes) == [0, 1, 1, 1, 1, 1]


def test_who_lost_the_claim_writes_nothing_more(store, restless):
    folder = store.create(pretraining(steps=30))
    lose = ProgressListener(on_step=lambda step: folder.file("claim.json").unlink() if step.step == 5 else None)
    advance_run(store.root, folder.key, listener=lose)
    assert folder.status().state == "interrupted"
    assert max(event["step"] for event in folder.events()) <= 5
