"""A picture of a run that is being computed, in a real browser: points arrive by themselves, and the visitor loses nothing."""

import json
import urllib.request

import pytest
from playwright.sync_api import expect
from watching import heights, marked, points, shown, still_there, visit, zoom

from tutor import Recipe, RunSpec, RunStore, predictors, sources


@pytest.fixture
def run(store_root, request):
    """A run of the gallery's store that the test itself writes: queued, so that it may still go on."""
    seed = sum(map(ord, request.node.name))
    spec = RunSpec(source=sources.Categorical(), body=predictors.LSTM(width=8), recipe=Recipe.fast(), seed=seed)
    return RunStore(store_root).create(spec)


def write(folder, *steps: int, repetition: int = 0) -> None:
    with open(folder.file("events.jsonl"), "ab") as file:
        file.writelines(json.dumps({"step": step, "loss": float(step), "repetition": repetition}).encode() + b"\n" for step in steps)


def test_points_of_a_run_arrive_without_a_rerun_and_leave_the_zoom_alone(page, gallery, run):
    write(run, *range(50))
    visit(page, gallery, show="running", run=run.key)
    expect(page.get_by_text("the store holds 50 events")).to_be_visible()
    points(page, 50)
    marked(page)
    zoomed = zoom(page)
    write(run, *range(50, 80))
    points(page, 80)
    assert still_there(page) and shown(page) == zoomed
    expect(page.get_by_text("the store holds 50 events")).to_be_visible()


def test_a_spike_survives_the_thinning_of_a_long_run(page, gallery, run):
    write(run, *range(20_000))
    with open(run.file("events.jsonl"), "ab") as file:
        file.write(b'{"step": 20000, "loss": 1000000.0, "repetition": 0}\n{"step": 20001, "loss": 1.0, "repetition": 0}\n')
    write(run, *range(20_002, 30_000))
    visit(page, gallery, show="running", run=run.key)
    points(page, 2000)
    drawn = heights(page)
    assert max(drawn) == 1_000_000.0


def test_a_live_curve_can_be_the_mean_over_its_neighbours(page, gallery, run):
    write(run, *range(10))
    visit(page, gallery, show="running", run=run.key, mean="3")
    points(page, 10)
    assert heights(page) == [0.5, 1, 2, 3, 4, 5, 6, 7, 8, 8.5]


def test_a_live_picture_survives_a_reload_from_its_first_point(page, gallery, run):
    write(run, *range(30))
    visit(page, gallery, show="running", run=run.key)
    page.reload()
    visit(page, gallery, show="running", run=run.key)
    points(page, 30)
    assert heights(page) == list(range(30))


def test_the_end_of_a_run_is_heard_once(page, gallery, run):
    write(run, *range(30))
    visit(page, gallery, show="running", run=run.key)
    marked(page)
    run.write_status(run.status().but(state="paused", step=30))
    expect(page.get_by_text("Heard of 1 ends; the store holds 30 events")).to_be_visible()
    page.wait_for_timeout(1500)
    expect(page.get_by_text("Heard of 1 ends")).to_be_visible()
    assert still_there(page)


def test_the_state_of_a_run_renews_itself(page, gallery, run):
    page.goto(f"{gallery}?show=watching&run={run.key}")
    expect(page.get_by_text("waiting")).to_be_visible()
    run.write_status(run.status().but(state="paused", step=30, message="stopped by a visitor"))
    expect(page.get_by_text("paused").first).to_be_visible()
    expect(page.get_by_text("step 30 of 320 · stopped by a visitor")).to_be_visible()
    expect(page.get_by_text("The page knows: paused")).to_be_visible()


def test_another_repetition_is_not_mixed_into_the_curve(page, gallery, run):
    write(run, *range(30))
    write(run, *range(30), repetition=1)
    visit(page, gallery, show="running", run=run.key)
    points(page, 30)
    write(run, 1, repetition=1)
    write(run, 30)
    points(page, 31)
    assert heights(page) == list(range(31))


def test_a_run_that_is_not_there_is_said_in_a_sentence(gallery):
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(f"{gallery}/api/runs/0123456789abcdef/events")
    assert answer.value.code == 404
    assert answer.value.read().decode().startswith("There is no run 0123456789abcdef")
