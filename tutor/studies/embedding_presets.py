"""What the studies of prompt vectors share: the task, the priors they start from, and how they are tuned."""

from collections.abc import Mapping

from tutor.methods import AbstractMethod, CellPT, DeepPT, NoTuning, SoftPT, TransferPT, WaywardPT
from tutor.methods.priors import VAE, AbstractPrior, Exclusion, Far, Fitted, Interpolation, Isotropic, Vocabulary, Words, Xavier
from tutor.methods.transfer import Handed
from tutor.runs.spec import RunSpec, Seeds
from tutor.sources import TinyLanguage
from tutor.sources.language import encode
from tutor.studies.language_presets import MODEL, PREFIX, SUMMARY, tuning_spec

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
LONGER = RECIPE.model_copy(update={"steps": 1500})
"""Of replications, which priors-move, embedding-collapse and prompts-belong share: by then the loss has come to its end."""
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


UNTUNED = tuning_spec(NoTuning(), SUMMARY, RECIPE)
"""What the language model makes of summaries by itself."""


def soft_spec(prior: AbstractPrior, rate: float = RECIPE.learning_rate) -> RunSpec:
    """Specify a soft prompt for summaries that starts from `prior`; at another learning rate than RECIPE's it gets fewer repetitions."""
    tuning = RECIPE.model_copy(update={"learning_rate": rate})
    repetitions = REPETITIONS if rate == RECIPE.learning_rate else FEWER
    return tuning_spec(SoftPT(length=LENGTH, prior=prior), SUMMARY, tuning, repetitions=repetitions)


def deep_spec(prior: AbstractPrior) -> RunSpec:
    """Specify a deep prompt for summaries, with vectors of its own before every layer, that starts from `prior`."""
    return tuning_spec(DeepPT(length=LENGTH, prior=prior), SUMMARY, RECIPE, repetitions=FEWER)


def anchored_spec(decoy: str, strength: float) -> RunSpec:
    """Specify a prompt for summaries whose vectors are pulled with `strength` to the words of the sentence `decoy`."""
    return tuning_spec(WaywardPT(words=tuple(encode(decoy)), strength=strength), SUMMARY, RECIPE)


def cell_spec(decoy: str) -> RunSpec:
    """Specify a prompt for summaries whose vectors never leave the cells of the words of the sentence `decoy`."""
    return tuning_spec(CellPT(words=tuple(encode(decoy))), SUMMARY, RECIPE)


def free_spec(decoy: str) -> RunSpec:
    """Specify a soft prompt for summaries with one vector per word of `decoy`, which is not pulled anywhere."""
    return tuning_spec(SoftPT(length=len(decoy.split()), prior=Vocabulary()), SUMMARY, RECIPE)


def transfer_spec(first: TinyLanguage, on: TinyLanguage, *, prior: AbstractPrior = REAL, handed: Handed = "tuned") -> RunSpec:
    """Specify a prompt that is tuned to the task `first` and then to `on`.

    Parameters
    ----------
    handed
        What the second tuning starts from: "tuned" vectors, or a control made from them.
    """
    return _on(TransferPT(length=LENGTH, prior=prior, first=first, handed=handed), on)


def fresh_spec(on: TinyLanguage, prior: AbstractPrior = REAL) -> RunSpec:
    """Specify a prompt for the task `on` that starts from `prior`: the comparison for `transfer_spec`."""
    return _on(SoftPT(length=LENGTH, prior=prior), on)


def _on(method: AbstractMethod, on: TinyLanguage) -> RunSpec:
    return tuning_spec(method, on, RECIPE.model_copy(update={"length": on.natural_length}))
