"""Walking through lessons as a learner does.

What each step asks for is done at the scene's own control, and what is said is read off the card.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter

from streamlit.testing.v1 import AppTest
from visiting import opened, told

from tutor.ui.stage import guessed_number, lesson_file
from tutor.ui.stage.lesson import Lesson, LessonStep
from tutor.ui.stage.lesson_text import ConditionalText, Sentence, choose_text, parse_condition
from tutor.ui.stage.scene import scene_key

GUESSES = ("low", "close", "high")


def clicked(app: AppTest, *keys: str) -> AppTest:
    for key in keys:
        app = app.button(key=key).click().run()
    return app


def slid(app: AppTest, scene: str, name: str, value: float) -> AppTest:
    return app.slider(key=scene_key(scene, name)).set_value(value).run()


def switched(app: AppTest, scene: str, name: str, value: str) -> AppTest:
    return app.segmented_control(key=scene_key(scene, name)).set_value(value).run()


def prompted(app: AppTest, rows: str) -> AppTest:
    """The tiles as a visitor has turned them: what the browser tells the page of them."""
    app.session_state[scene_key("prompt-map", "prompt")] = rows
    return app.run()


DO: dict[tuple[str, int], Callable[[AppTest], AppTest]] = {
    ("three", 1): lambda app: slid(app, "two-coins", "longest", 12),
    ("ideal", 0): lambda app: clicked(app, scene_key("coin", "heads")),
    ("ideal", 2): lambda app: clicked(app, scene_key("coin", "flip_50")),
    ("becoming", 2): lambda app: switched(app, "states", "colour", "heads so far"),
    ("evidence", 0): lambda app: prompted(app, "HTTTTT"),
    ("evidence", 2): lambda app: prompted(app, "TTTHTT"),
    ("evidence", 3): lambda app: prompted(app, "0.5:0.5,0:1,0:1,1:0,0:1,0:1"),
    ("soft", 3): lambda app: slid(app, "soft-share", "share", 0),
    ("two-coins", 0): lambda app: slid(app, "two-coins", "longest", 12),
    ("two-coins", 3): lambda app: switched(app, "tuned-loss", "network", "Transformer"),
    ("untrained", 0): lambda app: switched(app, "loss-per-flip", "measure", "each flip"),
    ("elsewhere", 2): lambda app: slid(app, "attention", "pull", 2.0),
    ("brought-out", 0): lambda app: switched(app, "prefix-task", "task", "Add 2"),
    ("brought-out", 1): lambda app: slid(app, "prefix-push", "push", 0.0),
    ("brought-out", 2): lambda app: switched(app, "prefix-values", "values", "Add 2"),
    ("reading", 0): lambda app: switched(app, "prior-map", "start", "real words"),
    ("reading", 2): lambda app: switched(app, "pulled-prompts", "measure", "score on the task"),
    ("disguise", 2): lambda app: switched(app, "kept-gain", "pipeline", "dense store"),
}
"""How each step that waits is done."""
IN_THE_BROWSER = {("soft", 1)}
"""Steps that only a browser can do, because the network in the page does them."""


@dataclass
class Walk:
    """What was met on the way: the facts with which each step opened, and how many steps and sentences were looked at."""

    facts: dict[tuple[str, int], dict] = field(default_factory=dict)
    steps: int = 0
    sentences: int = 0


def at_step(lesson: Lesson, at: int) -> AppTest:
    """Somebody new, by a link to a step of a lesson."""
    return opened("lessons", lesson=lesson.name, lesson_step=str(at + 1))


def whole(app: AppTest) -> AppTest:
    assert not app.exception and not app.error, [element.value for element in (*app.exception, *app.error)]
    return app


def card(app: AppTest) -> str:
    """All that the card of the lesson says, as Markdown."""
    (box,) = [block for block in _blocks(app._tree) if any(_holds_ways(row) for row in block.children.values())]
    return "\n".join(element.value for element in _leaves(box) if element.type in ("markdown", "success", "info", "warning", "caption"))


def _holds_ways(row) -> bool:
    return any(getattr(one, "key", None) == "stage_back" for one in getattr(row, "children", {}).values())


def _blocks(block) -> Iterator:
    for child in getattr(block, "children", {}).values():
        if hasattr(child, "children"):
            yield child
            yield from _blocks(child)


def _leaves(block) -> Iterator:
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from _leaves(child)
        else:
            yield child


# What may be said.

def expression(text: str) -> re.Pattern:
    """A text of a lesson as an expression: what stands for a fact is caught."""
    parts = [(re.escape(literal), name, form) for literal, name, form, _ in Formatter().parse(text.strip())]
    number, word = r"(-?[\d.,]+(?:e[+-]\d+)?%?)", r"([^\n]+?)"
    return re.compile("".join(literal + ("" if not name else number if form else word) for literal, name, form in parts) + r"(?![\w%])")


def holds(one: ConditionalText, facts: Mapping) -> bool:
    """Whether a condition holds, worked out apart from the code that chooses."""
    clauses = parse_condition(one.condition) if one.condition else ()
    return all(n in facts and eval(f"a {sign} b", {"a": facts[n], "b": value}) for n, sign, value in clauses)


def read(said: str, sentence: Sentence, facts: Mapping) -> int:
    """One alternative is said, its condition holds, and each of its numbers is the scene's own; how many sentences that are."""
    for one in sentence:
        wanted = [(name, form or "") for _, name, form, _ in Formatter().parse(one.say) if name]
        found = expression(one.say).search(said)
        if found and holds(one, facts):
            for (name, form), shown in zip(wanted, found.groups(), strict=True):
                assert shown == format(facts[name], form), f"{name} is {facts[name]}, and the card says {shown}"
                assert isinstance(facts[name], str) or near(shown, facts[name], form), f"{name} is {facts[name]}, and the card says {shown}"
            return one.say.count(".") + one.say.count("?") + one.say.count("!")
    raise AssertionError(f"nothing of this is said: {[one.say for one in sentence]}\nbut {said}\nwith {facts}")


def near(shown: str, fact: float, form: str) -> bool:
    """Whether a number on the screen is the fact, up to its last digit."""
    digits = int(re.search(r"\.(\d)", form).group(1)) if "." in form else 0
    scale = 100 if form.endswith("%") else 1
    number = float(shown.rstrip("%").replace(",", ""))
    slack = 0.5 * 10 ** -digits * (10 ** math.floor(math.log10(abs(fact))) if form.endswith("e") and fact else 1)
    return abs(number - scale * fact) <= slack * (1 + 1e-9) + 1e-12


# Steps.

def typed_guess(step: LessonStep, outcome: str, measured: float) -> str:
    """A guess that comes out as `outcome`, in the way people write it."""
    low, high = step.guess.between
    away = {"low": -2, "close": 0, "high": 2}[outcome] * step.guess.within
    aim = min(max(measured + away, low), high)
    return f"{100 * aim:.6f} %" if step.share else f"{aim:.9f}"


def possible(step: LessonStep, outcome: str, measured: float) -> bool:
    """Whether one can be too low, or too high, at all: nothing is less than none."""
    low, high = step.guess.between
    return outcome == "close" or (measured - low if outcome == "low" else high - measured) > step.guess.within


def guessed(app: AppTest, text: str) -> AppTest:
    app.text_input(key="lesson_typed").set_value(text)
    (button,) = [one for one in app.button if one.label == "Guess"]
    return button.click().run()


def held(app: AppTest) -> bool:
    """Whether the way on is closed."""
    return app.button(key="stage_next").disabled


def through(app: AppTest, lesson: Lesson, at: int, outcome: str, walk: Walk) -> AppTest:
    """One step, from its opening to where it can be left; everything that is said on the way is held against the scene."""
    step, name = lesson.steps[at], lesson.name
    whole(app)
    assert app.query_params["lesson_step"] in (str(at + 1), [str(at + 1)])
    walk.facts.setdefault((name, at), told(app))
    walk.steps += 1
    walk.sentences += read(card(app), step.say, told(app))
    walk.sentences += read(card(app), step.do, told(app)) if step.do else 0
    if (name, at) in IN_THE_BROWSER:
        assert held(app)
        return app
    elif step.until:
        assert not step.met(told(app)), "it is fulfilled before the learner has done anything"
        assert held(app), "it can be left before it is done"
        app = whole(DO[name, at](app))
        assert step.met(told(app)), f"it is not fulfilled: {told(app)}"
        walk.sentences += read(card(app), step.done, told(app))
    if step.guess:
        app = asked(app, lesson, at, outcome, walk)
    assert not held(app) and not re.search(r"\{[a-z_]", card(app))
    return app


def asked(app: AppTest, lesson: Lesson, at: int, outcome: str, walk: Walk) -> AppTest:
    step, guess = lesson.steps[at], lesson.steps[at].guess
    before = told(app).get(guess.fact)
    measured = MEASURED[lesson.name, at] = MEASURED.get((lesson.name, at)) or revealed(lesson, at)
    if guess.reveal:
        assert abs(before - measured) > guess.within, "the answer is in sight before the guess"
    assert held(app)
    outcome = outcome if possible(step, outcome, measured) else "close"
    app = whole(guessed(app, typed_guess(step, outcome, measured)))
    facts = told(app)
    assert facts[guess.fact] == measured
    said = card(app)
    walk.sentences += read(said, getattr(guess, outcome), facts)
    answer_all(step, facts)
    assert f"it is **{guessed_number.format_guess(measured, share=step.share, unit=guess.unit)}**" in said
    return app


def answer_all(step: LessonStep, facts: Mapping) -> None:
    """Whatever can be guessed here gets the answer that is meant for it, and that answer is true; without drawing the page for each."""
    guess = step.guess
    for outcome in (one for one in GUESSES if possible(step, one, facts[guess.fact])):
        typed = typed_guess(step, outcome, facts[guess.fact])
        number = guessed_number.parse_guess(typed, share=step.share, unit=guess.unit, between=guess.between)
        answer = guess.verdict(number, facts[guess.fact])
        assert answer is getattr(guess, outcome)
        read(choose_text(answer, facts), answer, facts)


MEASURED: dict[tuple[str, int], float] = {}


def revealed(lesson: Lesson, at: int) -> float:
    """What a scene shows of a guess's fact once it is revealed, found by a visitor who does not guess."""
    return told(whole(clicked(at_step(lesson, at), "stage_skip")))[lesson.steps[at].guess.fact]


SHIPPED = lesson_file.list_lessons(lesson_file.SHIPPED)[0]
