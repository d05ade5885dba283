"""What the studies of prompt vectors share: the task, the priors they start from, and how they are tuned."""

from collections.abc import Mapping

from tutor.methods import AbstractMethod, DeepPT, NoTuning, SoftPT, TransferPT, WaywardPT
from tutor.methods.transfer import Handed
from tutor.priors import VAE, AbstractPrior, Exclusion, Far, Fitted, Interpolation, Isotropic, Vocabulary, Words, Xavier
from tutor.sources import TinyLanguage
from tutor.sources.language import encode
from tutor.spec import RunSpec, Seeds
from tutor.studies.language_presets import MODEL, PREFIX, SUMMARY, tuned

CITED = "Sedov et al. 2024"
LENGTH = 10
REAL = Vocabulary()
"""Real words, as they come."""
PRIORS: Mapping[str, AbstractPrior] = {prior.label: prior for prior in (
    Isotropic(), Xavier(), Fitted(), Exclusion(), Interpolation(), Vocabulary(),
    Words(tokens=tuple(encode("summary : job of town likes food"))), Far(), VAE(),
)}
"""The priors that are compared, by label."""
REPETITIONS = 5
"""Of a soft prompt at the common learning rate: prompts from one prior differ by more than prompts from different ones."""
FEWER = 3
"""Of what is compared with it: other learning rates, and deep prompts."""
RECIPE = PREFIX.model_copy(update={"steps": 400, "length": SUMMARY.natural_length})
RATES = (0.005, RECIPE.learning_rate, 0.15)
"""Learning rates of the map; the middle one is that at which all else is measured."""
WORKED = TinyLanguage(tasks=("arithmetic",), styles=(1,), documents=1)
"""Sums of three numbers in worked steps, as they were pretrained."""
PLAIN = WORKED.model_copy(update={"styles": (0,)})
"""Sums of two numbers, answered at once."""
REASONED = TinyLanguage(tasks=("reasoned",), styles=(0,), documents=1)
"""Sums of three numbers that are asked like those of two and have to be worked out in steps, which was never pretrained on."""
CHOSEN = Words(tokens=tuple(encode("compute two plus one ? steps : gives ; answer")))
"""A prior in the place where one would look for a prompt that brings steps out."""
DECOYS = {"a sentence about the weather": "it is rainy in norwick every day .", "the opposite task": "compute seven plus two minus one ."}
"""Sentences that a prompt for summaries has to read as."""
STRENGTHS = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


OTHER = MODEL.model_copy(update={"seeds": Seeds(pretrain=1)})
"""The same language model from other initial weights and other documents."""


UNTUNED = tuned(NoTuning(), SUMMARY, RECIPE)
"""What the language model makes of summaries by itself."""


def soft(prior: AbstractPrior, rate: float = RECIPE.learning_rate) -> RunSpec:
    """A soft prompt for summaries from this prior; away from the common learning rate fewer repetitions have to do."""
    tuning = RECIPE.model_copy(update={"learning_rate": rate})
    repetitions = REPETITIONS if rate == RECIPE.learning_rate else FEWER
    return tuned(SoftPT(length=LENGTH, prior=prior), SUMMARY, tuning, repetitions=repetitions)


def deep(prior: AbstractPrior) -> RunSpec:
    """The same with vectors of their own before every layer."""
    return tuned(DeepPT(length=LENGTH, prior=prior), SUMMARY, RECIPE, repetitions=FEWER)


def wayward(decoy: str, strength: float) -> RunSpec:
    """A prompt for summaries that has to read as `decoy`."""
    return tuned(WaywardPT(words=tuple(encode(decoy)), strength=strength), SUMMARY, RECIPE)


def free(decoy: str) -> RunSpec:
    """A prompt of as many vectors as `decoy` has words, which may go where it likes."""
    return tuned(SoftPT(length=len(decoy.split()), prior=Vocabulary()), SUMMARY, RECIPE)


def moved(first: TinyLanguage, on: TinyLanguage, *, prior: AbstractPrior = REAL, handed: Handed = "tuned") -> RunSpec:
    """A prompt tuned to one task and then, from there or from a control that is made of it, to another."""
    return _on(TransferPT(length=LENGTH, prior=prior, first=first, handed=handed), on)


def fresh(on: TinyLanguage, prior: AbstractPrior = REAL) -> RunSpec:
    """A prompt that starts from a prior, for the same task."""
    return _on(SoftPT(length=LENGTH, prior=prior), on)


def _on(method: AbstractMethod, on: TinyLanguage) -> RunSpec:
    return tuned(method, on, RECIPE.model_copy(update={"length": on.natural_length}))
