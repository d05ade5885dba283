"""The desk for models from elsewhere: one job at a time, who may stop it, what it says when it fails, and what is kept."""

import time

import pytest
from own_models import QUICK, TEXT
from torch import nn

from tutor import llm
from tutor.llm.background_job import Job
from tutor.llm.causal_model import OwnModel
from tutor.llm.loaded_model import SlotContents
from tutor.methods.priors import Vocabulary


def test_a_job_that_is_cancelled_stops_and_keeps_what_it_did(models):
    desk = llm.ModelSlot()
    desk.held = SlotContents(models["gpt2"])
    how = llm.PromptRecipe.of(**QUICK | {"steps": 5000})
    job = desk.tune(llm.TuningOrder(how, TEXT, Vocabulary()), "me")
    while desk.held.tuner is None or len(desk.held.tuner.taken) < 4:
        time.sleep(0.01)
    with pytest.raises(llm.ModelError, match="wait until it is done, one is worked at a time"):
        desk.tune(llm.TuningOrder(how, TEXT, Vocabulary()), "you")
    with pytest.raises(llm.ModelError, match="only they can stop it"):
        desk.cancel("you")
    assert job.left > 0
    desk.cancel("me")
    assert job.wait(20.0) and job.state == "cancelled" and 3 <= len(desk.held.tuner.taken) < 5000
    assert len(llm.pack_adapter(desk.held.tuner, desk.held.order.made)) > 1000


def test_a_job_left_alone_can_be_stopped_by_anybody(monkeypatch):
    monkeypatch.setattr("tutor.llm.background_job.ABANDONED", 0.0)
    assert Job("tuning", "me", lambda job: ()).may_stop("you")


def test_a_job_that_fails_says_why():
    def work(job):
        yield 1
        raise llm.ModelError("the loss is no number any more at step 1; choose a smaller learning rate")

    job = Job("tuning", "me", work).start()
    assert job.wait(5.0) and job.state == "failed" and job.message.endswith("at step 1; choose a smaller learning rate")


def test_what_was_found_out_of_a_model_or_a_prompt_is_kept_while_it_is_the_same(models):
    desk, asked = llm.ModelSlot(), []

    def found(about):
        return desk.kept(about, "a", lambda: asked.append(about.name) or len(asked))

    assert (found(models["gpt2"]), found(models["llama"]), found(models["gpt2"])) == (1, 2, 1)
    desk.forget()
    assert found(models["gpt2"]) == 3
    for other in range(20):
        desk.kept(models["gpt2"], other, lambda: None)
    assert found(models["gpt2"]) == 4


def test_what_was_found_out_of_one_that_is_gone_is_never_told_of_the_next_at_its_address():
    desk, nothing = llm.ModelSlot(), nn.Identity()
    assert [desk.kept(OwnModel("", nothing, None), "a", lambda n=n: n) for n in range(50)] == list(range(50))


def test_loading_puts_the_model_on_the_desk(folders):
    desk = llm.ModelSlot()
    job = desk.load(llm.locate_model(str(folders["tied llama"])), "me")
    assert job.wait(60.0) and job.state == "done" and desk.held.model.name == "tied-llama"
    desk.forget()
    assert desk.held.model is None
