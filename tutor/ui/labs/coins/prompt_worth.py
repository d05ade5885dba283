"""What the prompt on the workbench is worth: in flips, in regret, in what it makes a network believe, expect and do."""

import streamlit as st

from tutor.figures import Curve, Prediction, belief_picture, flips_picture, regret_curves, trajectories
from tutor.measure import belief
from tutor.ui.labs.coins import prompt_trials
from tutor.ui.labs.coins.workbench_prompt import EditedPrompt
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_results, cached_states
from tutor.ui.shell import page_facts
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section
from tutor.ui.widgets import coin_flips, prompt_editor

TEXT = PageText("workbench")


@section()
def show_worth(made: EditedPrompt) -> None:
    """Draw three numbers: the prompt's worth in flips, the part that flips do not explain, and its regret."""
    mine, none = prompt_trials.try_prompt(made.prompt, made.start.target), prompt_trials.try_prompt(made.plain, made.start.target)
    _, least = prompt_trials.best_pseudo_counts(made.start.target)
    regret, without, flips_worth = mine.regret[-1], none.regret[-1], mine.worth.beyond(made.start.spec.source)
    _tell(made, flips_worth, regret, without, least[-1])
    what, left_over, lost = st.columns([5, 4, 4])
    what.metric("Worth in flips", prompt_editor.format_amounts(*flips_worth), border=True, help=TEXT.read("worth-in-flips"))
    left_over.metric("Unexplained", f"{mine.worth.unexplained:.3f} nats", border=True, help=TEXT.read("beyond-flips"))
    lost.metric("Regret", f"{regret:.3f} nats", f"{regret - without:+.3f} nats", delta_color="inverse",
                border=True, help=TEXT.read("regret", without=without, least=least[-1]))
    if regret < least[-1] - 0.01:
        st.success(TEXT.read("better-than-flips", least=least[-1]), icon=":material/star:")


def _tell(made: EditedPrompt, flips_worth, regret: float, without: float, least: float) -> None:
    rows, start = made.rows, made.start
    page_facts.record_facts(
        begins_with=prompt_editor.format_rows(rows[:1]),
        fraction=float(abs(rows - rows.round()).max()),
        vectors=len(rows),
        kind=made.kind,
        prompt_heads=float(rows[:, 0].sum()),
        prompt_tails=float(rows[:, 1].sum()),
        share=made.share,
        tuned=bool(start.tuned),
        worth_heads=float(flips_worth[0]),
        worth_tails=float(flips_worth[1]),
        beyond_flips=prompt_trials.try_prompt(made.prompt, start.target).worth.unexplained,
        regret=float(regret),
        regret_without=float(without),
        regret_of_flips=float(least),
        optimum=cached_results.optimal_regret(start.target),
        target=start.target.label,
        predicted=float(prompt_trials.predict_heads(made.prompt, ())[0]),
        expects=start.spec.source.in_words,
    )


@section()
def show_belief(made: EditedPrompt) -> None:
    """Draw the prior of the network's source, and the belief that corresponds to the prompt's worth in flips."""
    mine = prompt_trials.try_prompt(made.prompt, made.start.target)
    layers = [("prior", belief.posterior(made.start.spec.source, (0, 0))),
              ("the prompt, as flips", belief.posterior(mine.worth.twin, (0, 0)))]
    predicted = float(prompt_trials.predict_heads(made.prompt, ())[0])
    draw_picture(belief_picture(layers, predicted=predicted), key="workbench_belief", link="workbench")


@section()
def show_predictions(made: EditedPrompt) -> None:
    """Draw the network's predictions for a few flips with and without the prompt, and an ideal predictor's after as many flips."""
    mine, tokens = prompt_trials.try_prompt(made.prompt, made.start.target), coin_flips.parse_letters(coin_flips.FIRST)
    predictions = [Prediction("no prompt", prompt_trials.predict_heads(made.plain, tokens), network=True),
                   Prediction("your prompt", prompt_trials.predict_heads(made.prompt, tokens), network=True),
                   Prediction("ideal predictor with as many flips", belief.predict_each_flip(mine.worth.twin, tokens))]
    draw_picture(flips_picture(tokens, predictions), key="workbench_flips", link="workbench", height=310)


def draw_states(made: EditedPrompt) -> None:
    """Draw the network's states with the prompt and without it."""
    paths = prompt_trials.beside_no_prompt(made.prompt, made.start.target)
    draw_picture(trajectories(cached_states.state_plane(made.start.base, "", (0, 1)), paths), key="workbench_states", link="workbench")


def draw_regret(made: EditedPrompt) -> None:
    """Draw the prompt's regret (nats) per flip, beside no prompt and the exact references."""
    target = made.start.target
    mine, none, (_, least) = (prompt_trials.try_prompt(made.prompt, target), prompt_trials.try_prompt(made.plain, target),
                              prompt_trials.best_pseudo_counts(target))
    exact = [one for one in cached_results.reference_curves(made.start.spec.source, target) if one.label != "Oracle"]
    curves = [Curve("no prompt", none.regret[None]), Curve("your prompt", mine.regret[None]), *exact,
              Curve("best pseudo-flips", least[None], exact=True)]
    draw_picture(regret_curves(curves), key="workbench_regret", link="workbench", height=420)
