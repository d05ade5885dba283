"""A section that fails says so in its place, and everything else stands: other sections, the lesson, the link to this view, a way out."""

import json
import re
from pathlib import Path

import pytest
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException, StopException
from streamlit.testing.v1 import AppTest
from visiting import opened, pictures

from tutor.core.paths import PAGES
from tutor.runs.io.disk import StoreError
from tutor.runs.spec import RunSpec
from tutor.ui.run_views import cached_results
from tutor.ui.shell import sections
from tutor.ui.stage.lesson_file import LessonError

SAID = re.compile(r"This part could not be drawn \(error ([0-9a-f]{6})\)\. The rest of the page works; the server's log has the details\.")
ROOT = Path(__file__).resolve().parent.parent
SMALL = {
    "attention": "tutor.ui.labs.prefixes.bias_theorem.effect_bars",
    "bayes": "tutor.ui.labs.coins.ideal_prompts.reach_picture",
    "check": "tutor.ui.labs.retrieval.report_view.kept_gain_picture",
    "glossary": "tutor.ui.labs.term_pictures.list_terms",
    "home": "tutor.ui.experiment.list_facts",
    "inside": "tutor.ui.run_views.state_paths.state_grid",
    "own_model": "tutor.ui.labs.own_model.model_picker.ask_model",
    "pretrain": "tutor.ui.run_views.pretraining_views.training_curve",
    "regret": "tutor.figures.regret_curves",
    "runs": "tutor.figures.regret_curves",
    "skills": "tutor.ui.run_views.run_block.run_and_watch",
    "step": "tutor.ui.labs.coins.step_moves.gradient_picture",
    "tune": "tutor.ui.run_views.method_race.race_curves",
    "workbench": "tutor.ui.labs.coins.prompt_worth.belief_picture",
}
"""Page -> a function behind one of its pictures, or, where it has none, behind a section."""
SHIPPED = {
    "anatomy": "tutor.ui.labs.prefixes.table_to_text.write_row",
    "beliefs": "tutor.ui.labs.beliefs.belief_pictures.walk_picture",
    "claims": "tutor.ui.run_views.claim_list.verdict_bars",
    "clusters": "tutor.ui.labs.embeddings.cluster_views.draw_distances",
    "lessons": "tutor.ui.stage.scene.draw_picture",
    "meaning": "tutor.ui.labs.embeddings.prompt_meaning.draw_losses",
    "priors": "tutor.ui.labs.embeddings.posterior_scores.draw_losses",
    "retriever": "tutor.ui.labs.retrieval.ablations.draw_loss_landscape",
}
CODE = [*(ROOT / "pages").glob("*.py"), *(ROOT / "tutor" / "ui").rglob("*.py")]


def ids(app: AppTest) -> list[str]:
    return [found[1] for one in app.error if (found := SAID.fullmatch(one.value))]


@pytest.mark.breaks_sections
@pytest.mark.parametrize("error", [ZeroDivisionError("odd"), RecursionError("deep"), KeyError("key"), TypeError("kind"),
                                   RuntimeError("torch"), MemoryError()], ids=repr)
def test_a_bug_gets_an_id_that_leads_to_its_trace_in_the_log(error, bugs):
    def page(error):
        from tutor.ui.shell.sections import section  # noqa: PLC0415

        with section():
            raise error

    app = AppTest.from_function(page, args=(error,)).run()
    [name], [record] = ids(app), bugs()
    assert f"error {name} " in record.getMessage() and record.exc_info[1] is error


@pytest.mark.parametrize(("error", "said"), [(StoreError("there is no run x"), "There is no run x."),
                                             (LessonError("line 3: no page"), "Line 3: no page."),
                                             (ValueError("length is 0; give 1 to 9"), "Length is 0; give 1 to 9.")])
def test_what_was_foreseen_is_said_in_its_own_sentence(error, said):
    def page(error):
        from tutor.ui.shell.sections import section  # noqa: PLC0415

        with section():
            raise error

    assert [one.value for one in AppTest.from_function(page, args=(error,)).run().error] == [said]


@pytest.mark.parametrize("stumble", [lambda: int("x"), lambda: [].index(1), lambda: "ü".encode("ascii"), lambda: json.loads("{")])
def test_a_value_error_that_nobody_raised_on_purpose_is_a_bug(stumble):
    with pytest.raises(ValueError) as caught:
        stumble()
    assert not sections.is_foreseen(caught.value)


def test_a_specification_that_pydantic_refuses_is_foreseen():
    with pytest.raises(ValueError) as caught:
        RunSpec.model_validate({"source": 1})
    assert sections.is_foreseen(caught.value)


@pytest.mark.parametrize("control", [StopException(), RerunException(None)])
def test_what_streamlit_raises_to_end_a_run_passes(control):
    with pytest.raises(type(control)), sections.section():
        raise control


@pytest.mark.breaks_sections
def test_a_fragment_has_the_boundary_when_it_runs_by_itself_too(bugs):
    def page():
        import streamlit as st  # noqa: PLC0415

        from tutor.ui.shell import sections  # noqa: PLC0415

        def part():
            st.button("again", key="again")
            raise ZeroDivisionError

        sections.fragment(part, key="part")()
        st.markdown("below")

    app = AppTest.from_function(page).run()
    assert len(ids(app)) == 1 and app.markdown[0].value == "below"
    app.button(key="again").click().run()
    assert len(ids(app)) == 1 and not app.exception and len(bugs()) == 2


def counted(error: Exception):
    """A function that fails, and the list of its calls."""
    calls = []

    def fail(*_, **__):
        calls.append(1)
        raise error

    return fail, calls


def stands(app: AppTest) -> bool:
    """Whether the way out of a lesson and the link to this view are drawn."""
    return any(one.key == "frame_leave" for one in app.button) and any(one.key == "share_hide" for one in app.multiselect)


def broken(page: str, target: str, monkeypatch, bugs) -> None:
    before = pictures(opened(page, lesson="reading"))
    fail, calls = counted(RecursionError("odd"))
    monkeypatch.setattr(target, fail)
    app = opened(page, lesson="reading")
    assert calls and len(ids(app)) >= 1 and not app.exception and stands(app)
    assert pictures(app) >= before - len(calls)
    logged = " ".join(record.getMessage() for record in bugs())
    assert all(f"error {one} on page {page}" in logged for one in ids(app))


@pytest.mark.breaks_sections
@pytest.mark.parametrize(("page", "target"), SMALL.items(), ids=SMALL)
def test_one_broken_picture_takes_nothing_else_with_it(small, page, target, monkeypatch, bugs):
    broken(page, target, monkeypatch, bugs)


@pytest.mark.breaks_sections
@pytest.mark.parametrize(("page", "target"), SHIPPED.items(), ids=SHIPPED)
def test_one_broken_picture_of_the_language_model_takes_nothing_else_with_it(page, target, monkeypatch, bugs):
    cached_results.study_result.clear()                               # of other stores
    broken(page, target, monkeypatch, bugs)


def test_every_page_is_broken_once():
    assert sorted(SMALL | SHIPPED) == sorted(path.stem for path in PAGES.glob("*.py"))


@pytest.mark.breaks_sections
@pytest.mark.parametrize("text", ["def broken(:", "import a_package_that_nobody_has", "1 / 0"], ids=["syntax", "import", "code"])
def test_a_page_that_cannot_even_begin_leaves_the_frame(tmp_path, text, monkeypatch, bugs):
    (tmp_path / "odd.py").write_text(text)

    def page(path):
        import streamlit as st  # noqa: PLC0415

        from tutor.ui.shell import layout  # noqa: PLC0415

        layout.draw_page(st.navigation([st.Page(path, title="Odd", url_path="odd")]))

    app = AppTest.from_function(page, args=(str(tmp_path / "odd.py"),)).run()
    assert len(ids(app)) == 1 and len(bugs()) == 1
    assert any(one.key == "share_hide" for one in app.multiselect)


@pytest.mark.breaks_sections
@pytest.mark.parametrize("broken_part", ["tutor.ui.stage.lesson_stage.draw_card", "tutor.ui.stage.scene.draw_picture"])
@pytest.mark.parametrize("lecture", [{}, {"lecture": "1"}], ids=["lesson", "lecture"])
def test_where_the_card_or_the_picture_of_a_lesson_fails_the_other_stands_and_there_is_a_way_out(monkeypatch, lecture, broken_part, bugs):
    monkeypatch.setattr(broken_part, counted(TypeError("odd"))[0])
    app = opened("lessons", lesson="ideal", lesson_step="2", **lecture)
    assert len(ids(app)) == len(bugs()) == 1
    card_fails = broken_part.endswith("draw_card")
    assert bool(pictures(app)) is card_fails and any(one.key == "stage_back" for one in app.button) is not card_fails
    app.button(key="frame_leave").click().run()
    assert not ids(app) and not any(one.key == "frame_leave" for one in app.button) and len(bugs()) == 1


def test_no_page_ends_the_frame():
    ends = re.compile(r"\bst\.stop\b|\bst\.fragment\b")
    assert not [path.name for path in CODE if path.name != "sections.py" and ends.search(path.read_text(encoding="utf-8"))]
