"""All lessons from end to end: the same pictures for everybody, and only true sentences.

Cold: every step by a link of its own in a new session. Chained: one session, from lesson to lesson by *Next lesson*. Guesses are too
low, right and too high.
"""

import re

import numpy as np
import pytest
from visiting import pictures, told
from walking import GUESSES, SHIPPED, Walk, at_home, card, clicked, held, on, read, through, whole

from tutor.ui.stage.fact_kinds import FLAG, NUMBER, SHARE, WORD

LESSONS = list(SHIPPED.values())


def cold(outcome: str) -> Walk:
    walk = Walk()
    for lesson in LESSONS:
        for at, step in enumerate(lesson.steps):
            if outcome != GUESSES[0] and not step.guess:
                continue                                              # each step stands alone here, and only a guess makes a difference
            through(on(at_home(), lesson=lesson.name, lesson_step=str(at + 1)), lesson, at, outcome, walk)
    return walk


def chained(outcome: str) -> Walk:
    walk = Walk()
    app = clicked(on(at_home()), f"lessons_{LESSONS[0].name}")
    for lesson in LESSONS:
        for at in range(len(lesson.steps)):
            app = through(app, lesson, at, outcome, walk)
            app = clicked(app, "stage_skip" if held(app) else "stage_next")
        assert (lesson.ending or "end") in card(whole(app)) and pictures(app)
        assert app.button(key="stage_next").label == ("Next lesson" if lesson is not LESSONS[-1] else "All lessons")
        app = clicked(app, "stage_next")
    assert "lesson" not in app.query_params and not whole(app).error
    return walk


@pytest.fixture(scope="module")
def first():
    """The facts with which every step opens for whoever comes first; what all others must find as well."""
    return {}


@pytest.mark.parametrize(("way", "outcome"), [*((cold, outcome) for outcome in GUESSES), (chained, "high")],
                         ids=lambda one: one if isinstance(one, str) else one.__name__)
def test_every_sentence_is_true_and_every_visitor_sees_the_same(way, outcome, first):
    """What follows a guess is said of the facts alone, and these are the same on every way: so every outcome is tried on one of them."""
    walk = way(outcome)
    asking = way is cold and outcome != GUESSES[0]
    wanted = {(lesson.name, at) for lesson in LESSONS for at, step in enumerate(lesson.steps) if step.guess or not asking}
    assert walk.facts.keys() == wanted
    for place, known in walk.facts.items():
        assert known == pytest.approx(first.setdefault(place, known), nan_ok=True), place
    assert walk.sentences > 2 * walk.steps


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_slide_of_a_lecture_has_its_card_its_picture_and_a_way_out(lesson):
    app = clicked(on(at_home()), f"present_{lesson.name}")
    for at, step in enumerate(lesson.steps):
        said = card(whole(app))
        assert f"Step {at + 1} of {len(lesson.steps)}" in said and pictures(app) and not re.search(r"\{[a-z_]", said)
        read(said, step.say, told(app))
        assert app.button(key="frame_leave").label == "Leave"
        if step.guess:
            app = whole(clicked(app, "stage_next"))                     # the next key answers
            read(card(app), step.guess.close, told(app))
        app = clicked(app, "stage_next")
    assert "The end" in card(whole(app)) and pictures(app)
    app = clicked(app, "frame_leave")
    assert "lesson" not in app.query_params and not [one for one in app.button if one.key in ("frame_leave", "stage_next")]
    assert app.button(key=f"lessons_{lesson.name}")


def test_every_scene_tells_what_is_declared_of_it_and_of_the_declared_kind(first):
    for (name, at), known in first.items():
        declared = SHIPPED[name].steps[at].shown.facts
        assert known.keys() <= declared.keys()
        for fact, value in known.items():
            kind = FLAG if isinstance(value, bool | np.bool_) else WORD if isinstance(value, str) else NUMBER
            assert kind == (NUMBER if declared[fact] == SHARE else declared[fact]), f"{name} {at + 1}: {fact} is {value!r}"
