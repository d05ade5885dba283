"""The desk for models from elsewhere: one job at a time, who may stop it, what it says when it fails, and what is kept."""

import time

import pytest
from own_models import QUICK, TEXT

from tutor import llm
from tutor.llm.jobs import Job
from tutor.priors import Vocabulary


def test_a_job_that_is_cancelled_stops_and_keeps_what_it_did(models):
    desk = llm.Desk()
    desk.model = models["gpt2"]
    how = llm.Tuning.of(**QUICK | {"steps": 5000})
    job = desk.tune(llm.Order(how, TEXT, Vocabulary()), "me")
    while desk.tuner is None or len(desk.tuner.taken) < 4:
        time.sleep(0.01)
    with pytest.raises(llm.Refused, match="wait until it is done, one is worked at a time"):
        desk.tune(llm.Order(how, TEXT, Vocabulary()), "you")
    with pytest.raises(llm.Refused, match="only they can stop it"):
        desk.cancel("you")
    assert job.left > 0
    desk.cancel("me")
    assert job.wait(20.0) and job.state == "cancelled" and 3 <= len(desk.tuner.taken) < 5000
    assert len(llm.packed(desk.tuner, desk.order.made)) > 1000


def test_a_job_left_alone_can_be_stopped_by_anybody(monkeypatch):
    monkeypatch.setattr("tutor.llm.jobs.ABANDONED", 0.0)
    assert Job("tuning", "me", lambda job: ()).may_stop("you")


def test_a_job_that_fails_says_why():
    def work(job):
        yield 1
        raise llm.Refused("the loss is no number any more at step 1; choose a smaller learning rate")

    job = Job("tuning", "me", work).start()
    assert job.wait(5.0) and job.state == "failed" and job.message.endswith("at step 1; choose a smaller learning rate")


def test_what_was_found_out_is_kept_while_model_and_prompt_are_the_same(folders):
    desk, asked = llm.Desk(), []
    for _ in range(2):
        assert desk.kept("a", lambda: asked.append(1) or len(asked)) == 1
    desk.forget()
    assert desk.kept("a", lambda: asked.append(1) or len(asked)) == 2
    for other in range(20):
        desk.kept(other, lambda: None)
    assert desk.kept("a", lambda: asked.append(1) or len(asked)) == 3


def test_loading_puts_the_model_on_the_desk(folders):
    desk = llm.Desk()
    job = desk.load(llm.place_of(str(folders["tied llama"])), "me")
    assert job.wait(60.0) and job.state == "done" and desk.model.name == "tied-llama"
    desk.forget()
    assert desk.model is None
