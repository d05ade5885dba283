"""All lessons from end to end: the same pictures for everybody, and only true sentences.

Cold: every step by a link of its own in a new session, with guesses that are too low. Chained: one session, from lesson to lesson by *Next
lesson*, with guesses that are too high. As a lecture: every lesson slide by slide, with the right answers.
"""

import re

import numpy as np
import pytest
from visiting import opened, pictures, told
from walking import MEASURED, SHIPPED, Walk, at_step, card, clicked, held, read, through, whole

from tutor.ui.stage.fact_kinds import FLAG, NUMBER, SHARE, WORD

LESSONS = list(SHIPPED.values())


def cold() -> Walk:
    walk = Walk()
    for lesson in LESSONS:
        for at in range(len(lesson.steps)):
            through(at_step(lesson, at), lesson, at, "low", walk)
    return walk


def chained() -> Walk:
    walk = Walk()
    app = clicked(opened("lessons"), f"lessons_{LESSONS[0].name}")
    for lesson in LESSONS:
        for at in range(len(lesson.steps)):
            app = through(app, lesson, at, "high", walk)
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


def same(facts: dict, first: dict, place: tuple[str, int]) -> None:
    """What one visitor finds at a step is what the first one found there."""
    assert facts == pytest.approx(first.setdefault(place, facts), nan_ok=True), place


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_slide_of_a_lecture_has_its_card_its_picture_and_a_way_out(lesson, first):
    app = clicked(opened("lessons"), f"present_{lesson.name}")
    for at, step in enumerate(lesson.steps):
        said = card(whole(app))
        assert f"Step {at + 1} of {len(lesson.steps)}" in said and pictures(app) and not re.search(r"\{[a-z_]", said)
        read(said, step.say, told(app))
        same(told(app), first, (lesson.name, at))
        assert app.button(key="frame_leave").label == "Leave"
        if step.guess:
            app = whole(clicked(app, "stage_next"))                     # the next key answers
            read(card(app), step.guess.close, told(app))
            MEASURED[lesson.name, at] = told(app)[step.guess.fact]
        app = clicked(app, "stage_next")
    assert "The end" in card(whole(app)) and pictures(app)
    app = clicked(app, "frame_leave")
    assert "lesson" not in app.query_params and not [one for one in app.button if one.key in ("frame_leave", "stage_next")]
    assert app.button(key=f"lessons_{lesson.name}")


@pytest.mark.parametrize("way", [cold, chained], ids=lambda way: way.__name__)
def test_every_sentence_is_true_and_every_visitor_sees_the_same(way, first):
    walk = way()
    assert walk.facts.keys() == {(lesson.name, at) for lesson in LESSONS for at in range(len(lesson.steps))}
    for place, known in walk.facts.items():
        same(known, first, place)
    assert walk.sentences > 2 * walk.steps


def test_every_scene_tells_what_is_declared_of_it_and_of_the_declared_kind(first):
    for (name, at), known in first.items():
        declared = SHIPPED[name].steps[at].shown.facts
        assert known.keys() <= declared.keys()
        for fact, value in known.items():
            kind = FLAG if isinstance(value, bool | np.bool_) else WORD if isinstance(value, str) else NUMBER
            assert kind == (NUMBER if declared[fact] == SHARE else declared[fact]), f"{name} {at + 1}: {fact} is {value!r}"
