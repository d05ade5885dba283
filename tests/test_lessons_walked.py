"""All lessons from end to end: the same pictures for everybody, and only true sentences.

Cold: every step by a link of its own in a new session. Warm: one session in which the pages were used before. Chained: one session, from
lesson to lesson by *Next lesson*. Guesses are too low, right and too high.
"""

import re

import numpy as np
import pytest
from visiting import told
from walking import GUESSES, SHIPPED, Walk, at_home, card, clicked, on, read, through, whole

from tutor.core.paths import PAGES
from tutor.ui.shell import page_facts
from tutor.ui.shell.fact_kinds import FACTS, FLAG, NUMBER, SHARE, WORD

LESSONS = list(SHIPPED.values())
USED = {
    "bayes": {"bayes_prompt": "HT", "bayes_flips": "TTTT", "bayes_coin": "0.5", "bayes_longest": "5", "bayes_prior": "Two coins 0.2 / 0.8"},
    "workbench": {"workbench_prompt": "HHH", "workbench_on": "Two coins 0.2 / 0.8", "workbench_kind": "Vectors"},
    "inside": {"inside_colour": "true bias", "inside_x": "3", "inside_y": "4"},
    "regret": {
        "regret_what": "untrained", "regret_body": "Transformer", "regret_log": "true", "regret_against": "TargetBayes",
        "regret_measure": "instant", "regret_exact": "false",
    },
    "attention": {"attention_pull": "2.5", "attention_push": "0.3"},
    "priors": {"priors_prior": "chosen", "priors_many": "3", "priors_layer": "1", "priors_seed": "5"},
    "meaning": {"meaning_by": "cosine"},
    "retriever": {"retriever_store_k": "3", "retriever_store_people": "60"},
    "skills": {"skills_seed": "5"},
    "pretrain": {"pretrain_seed": "5"},
}
"""What somebody has set on these pages before the lesson begins."""


def cold(outcome: str) -> Walk:
    walk = Walk()
    for lesson in LESSONS:
        for at, step in enumerate(lesson.steps):
            if outcome != GUESSES[0] and not step.guess:
                continue                                              # each step stands alone here, and only a guess makes a difference
            through(on(at_home(), step.page, lesson=lesson.name, lesson_step=str(at + 1)), lesson, at, outcome, walk)
    return walk


def warm(outcome: str) -> Walk:
    walk = Walk()
    for lesson in LESSONS:
        app = at_home()
        for page in dict.fromkeys(step.page for step in lesson.steps):
            on(app, page, **USED[page])
        app = clicked(on(app, "lessons"), f"lessons_{lesson.name}")
        _to_its_end(app, lesson, outcome, walk)
    return walk


def chained(outcome: str) -> Walk:
    walk = Walk()
    app = clicked(on(at_home(), "lessons"), f"lessons_{LESSONS[0].name}")
    for lesson in LESSONS:
        app = _to_its_end(app, lesson, outcome, walk)
        app = clicked(app, "lesson_following" if lesson is not LESSONS[-1] else "lesson_finish")
    return walk


def _to_its_end(app, lesson, outcome, walk):
    for at in range(len(lesson.steps)):
        app = through(app, lesson, at, outcome, walk)
        app = clicked(app, "lesson_next") if at + 1 < len(lesson.steps) else app
    return app


@pytest.fixture(scope="module")
def first():
    """The facts with which every step opens for whoever comes first; what all others must find as well."""
    return {}


@pytest.mark.parametrize(("way", "outcome"), [*((cold, outcome) for outcome in GUESSES), (warm, "close"), (chained, "high")],
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
def test_every_slide_of_a_lecture_has_its_card_and_a_way_out(lesson):
    app = clicked(on(at_home(), "lessons"), f"present_{lesson.name}")
    for at, step in enumerate(lesson.steps):
        whole(app).switch_page(str(PAGES / f"{step.page}.py"))
        said = card(app)
        assert f"{lesson.title} · {at + 1} of {len(lesson.steps)}" in said and not re.search(r"\{[a-z_]", said)
        read(said, step.say, told(app))
        assert app.button(key="lesson_leave").label == "End"
        if step.guess:
            assert step.guess.reveal or step.guess.fact in app.session_state[page_facts.ASKED_KEY]
            app = whole(clicked(app, "lesson_next"))                    # the next key answers
            read(card(app), step.guess.close, told(app))
        assert app.button(key="lesson_next").disabled is (at + 1 == len(lesson.steps))
        app = clicked(app, "lesson_next") if at + 1 < len(lesson.steps) else app
    assert [one.key for one in app.button if one.key == "lesson_following"] == ["lesson_following"] * (lesson is not LESSONS[-1])
    app = clicked(app, "lesson_leave")
    assert "lesson" not in app.query_params and not [one for one in app.button if one.key == "lesson_leave"]


def test_every_page_tells_what_is_declared_of_it_and_of_the_declared_kind(first):
    for (name, at), known in first.items():
        declared = FACTS[SHIPPED[name].steps[at].page]
        for fact, value in known.items():
            kind = FLAG if isinstance(value, bool | np.bool_) else WORD if isinstance(value, str) else NUMBER
            assert kind == (NUMBER if declared[fact] == SHARE else declared[fact]), f"{name} {at + 1}: {fact} is {value!r}"
