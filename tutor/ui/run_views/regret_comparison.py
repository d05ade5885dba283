"""What the page about regret compares: the runs of a study or of one network, on one source, by one measure.

Which runs are compared is asked first; how they are drawn, by controls whose changes leave the rest of the page alone.
"""

from dataclasses import dataclass

import streamlit as st

from tutor.figures import Curve, ends_far_apart
from tutor.runs.spec import RunSpec
from tutor.runs.target_words import describe_targets
from tutor.sources import AbstractSolved, AbstractSource
from tutor.studies import PRESETS, STUDIES
from tutor.ui.run_views import cached_results, catalog, run_comparison, variant_choice
from tutor.ui.shell import url_state
from tutor.ui.shell.sections import section

OWN = "network"


@dataclass(frozen=True)
class ComparisonChoice:
    """Which runs are compared, and on which source."""

    study: str
    result: dict | None
    body: str
    shown: dict[str, RunSpec]
    on: AbstractSource


@dataclass(frozen=True)
class ComparisonDetail:
    """Which of the compared runs are drawn and how: measure, zero, references, axis, single repetitions, and the pinned run."""

    measure: str
    against: str
    picked: list[str]
    with_exact: bool
    logarithmic: bool
    thin: bool
    pin: str | None


def choose_runs() -> tuple[str, dict | None, list[RunSpec]]:
    """Draw the choice of what to compare: the runs of a study, or the tunings of one network.

    Returns
    -------
    tuple
        Name of the study ("network" for one network's tunings), its result (None where it has none), and the runs.
    """
    bases = catalog.list_pretrainings(AbstractSolved)
    titles = {name: f"Study: {study.title}" for name, study in STUDIES.items()
              if study.lab == "coins"} | {OWN: "All tunings of one network"}
    first = OWN if "regret_base" in st.query_params else run_comparison.first_study()
    chosen = url_state.choose_option("What to compare", list(titles), "regret_what", named=titles.get, first=first,
                                     help="A study tests one claim of a paper with runs.")
    study, result = STUDIES.get(chosen), None
    if study:
        preset = st.selectbox("Effort", list(PRESETS), key="regret_preset", bind="query-params",
                              help="fast: minutes, same verdicts. paper: the papers' own settings.")
        wanted = [spec for spec in study.specs(PRESETS[preset]) if spec.is_tuning] or study.specs(PRESETS[preset])
        result = cached_results.study_result(chosen, preset)
        if result is None:
            run_comparison.draw_verdict(result, len({spec.key() for spec in wanted} - run_comparison.finished_runs(wanted).keys()))
    elif bases:
        base = url_state.choose_option("Pretrained network", list(bases), "regret_base", named=lambda key: catalog.run_name(bases[key]))
        wanted = [bases[base].spec, *(one.spec for one in catalog.list_tunings(base).values())]
    else:
        wanted = []
    return chosen, result, wanted


@section()
def ask_comparison() -> ComparisonChoice | None:
    """Draw the controls beside the curves; None, with a note, where no run is finished."""
    chosen, result, wanted = choose_runs()
    study, bases = STUDIES.get(chosen), catalog.list_pretrainings(AbstractSolved)
    there = run_comparison.finished_runs(wanted)
    if not there:
        st.info(f"These runs are not computed here yet. Run `prompt-tutor study {chosen}`, choose another study, or tune a network "
                "yourself." if study else
                "There is no network yet. Train one on Pretrain, then tune it.", icon=":material/arrow_forward:")
        catalog.draw_link("tune" if bases else "pretrain", "Go to Tune" if bases else "Go to Pretrain", "tune")
        return None
    with st.container(horizontal=True):
        networks = sorted({spec.body.label for spec in there.values()})
        body = url_state.choose_segment("Network", networks, default=networks[0], key="regret_body")
        shown = {key: spec for key, spec in there.items() if spec.body.label == body}
        places = run_comparison.list_sources(shown)
        on = places[st.selectbox("Evaluated on", list(places), key="regret_on", bind="query-params", width=240,
                                 help="Every network is measured on its target, on its pretraining source and on the other presets.")]
    return ComparisonChoice(chosen, result, body, shown, on)


def _ask_measure() -> tuple[str, str]:
    """Draw the choice of the measure of regret and of its zero."""
    with st.container(horizontal=True):
        measure = url_state.choose_segment("Regret", ["cumulative", "instant", "sampled"], default="cumulative", key="regret_measure",
                                       help="cumulative: summed over the flips so far. instant: of each flip. sampled: cumulative, from "
                                            "the drawn flips alone, without the exact expectation.")
        against = url_state.choose_segment("Over", ["generator", "TargetBayes"], default="generator", key="regret_against",
                                       help="generator: a predictor that knows the coin. TargetBayes: the ideal predictor of this "
                                            "source, the best possible without knowing the coin.")
    return measure, against


@section()
def ask_detail(look: ComparisonChoice) -> ComparisonDetail | None:
    """Draw the controls for measure, methods, references and axis; None, with a note, where no method is picked."""
    names, chosen, body = run_comparison.named(look.shown), look.study, look.body
    measure, against = _ask_measure()
    with st.expander(f"Methods ({len(names)}), exact references, logarithmic axis"):
        picked = variant_choice.choose_runs(look.shown, f"regret_methods_{chosen}_{body}", all_variants=chosen != OWN)
        with st.container(horizontal=True):
            with_exact = st.toggle("Exact references", value=True, key="regret_exact", bind="query-params",
                                   help="TargetBayes is the optimum on this source, PreBayes the ideal predictor of the pretraining "
                                        "source, PreBayesPT the same behind its best hard prompt.")
            drawn = run_comparison.regret_curves(
                {key: look.shown[key] for key in picked}, look.on, measure="cumulative", against=against
            )
            logarithmic = st.toggle("Logarithmic", value=ends_far_apart(drawn), key="regret_log", bind="query-params",
                                    help="Spreads out the methods that lose almost nothing. A method that loses exactly nothing cannot "
                                         "be drawn on it.")
            thin = st.toggle("Every repetition", value=True, key="regret_thin", bind="query-params",
                             help="A thin line per repetition beside the median and the band between the quartiles.")
        pin = run_comparison.ask_reference({one: name.title for one, name in names.items()}, "regret_pin")
    if not picked:
        st.info("Choose at least one method.", icon=":material/arrow_upward:")
        return None
    return ComparisonDetail(measure, against, picked, with_exact, logarithmic, thin, pin)


@dataclass(frozen=True)
class ReferencedComparison:
    """A comparison with its reference: `pinned` is the key of the run to subtract, None for plain regrets."""

    look: ComparisonChoice
    detail: ComparisonDetail
    pinned: str | None

    @property
    def names(self) -> dict[str, run_comparison.RunName]:
        return run_comparison.named(self.look.shown)

    @property
    def name(self) -> str:
        """What the zero line stands for: the pinned run, the generator, or TargetBayes."""
        return f"pinned {self.names[self.pinned].in_words}" if self.pinned else self.detail.against

    def curves(self, measure: str) -> tuple[list[Curve], list[Curve]]:
        """Return the curves of the picked runs and the exact references, both minus the pinned run's median where a run is pinned."""
        look, how = self.look, {"measure": measure, "against": self.detail.against}
        some = {key: look.shown[key] for key in self.detail.picked}
        ideal = cached_results.baseline_curves(next(iter(look.shown.values())), look.on, **how) if self.detail.with_exact else []
        zero = cached_results.regret_curve(self.pinned, look.on, **how) if self.pinned else None
        return run_comparison.subtract_reference(
            run_comparison.regret_curves(some, look.on, **how), zero
        ), run_comparison.subtract_reference(ideal, zero)

    def told(self) -> dict:
        """Facts for lessons: the choices, the optimum, and the regret of every picked method."""
        look = self.look
        every = run_comparison.regret_curves({key: look.shown[key] for key in self.detail.picked}, look.on, measure="cumulative",
                                      against=self.detail.against)
        return {
            "study": look.study,
            "network": look.body,
            "on": look.on.label,
            "measure": self.detail.measure,
            "logarithmic": self.detail.logarithmic,
            "optimum": cached_results.optimal_regret(look.on),
        } | run_comparison.curve_facts(every)

    def caption(self) -> str:
        """Caption of the picture: what the lines show, and what zero means."""
        zero = f" Zero is the median of **{self.names[self.pinned].in_words}**." if self.pinned else ""
        beyond = run_comparison.describe_beyond_tuning(self.look.shown.values())
        return f"Lines are medians over repetitions on **{self.look.on.label}**{beyond}.{zero} {describe_targets(self.look.shown.values())}"


def hold_against(look: ComparisonChoice, detail: ComparisonDetail) -> ReferencedComparison:
    """Combine choice and details; a pinned run that has no curve on this source is dropped, with a warning."""
    names = run_comparison.named(look.shown)
    pinned = detail.pin if detail.pin and cached_results.regret_curve(detail.pin, look.on) else None
    if detail.pin and not pinned:
        st.warning(f"{names[detail.pin].in_words} was not evaluated on {look.on.label}, so it cannot be the reference here.")
    return ReferencedComparison(look, detail, pinned)


@section()
def draw_study(look: ComparisonChoice) -> None:
    """Draw what the study of the compared runs says: verdict, claim, checks, and what it measured beside regret."""
    st.header("What the study says")
    run_comparison.draw_verdict(look.result)
    st.markdown(f"**Claim.** {STUDIES[look.study].claim}")
    st.caption(f"{look.result['source']}. The runs that are shown are those of one network; the verdict is about those of the plan.")
    run_comparison.draw_checks(look.result)
    if not (other := run_comparison.tabulate_measurements(look.result)).empty:
        st.dataframe(other, hide_index=True, height="content")
