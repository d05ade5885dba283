"""The film of a coin network as a map of beliefs: how often it expects heads after real flips, as training goes on, and behind a prompt.

A belief is a point (expects, flips): the probability that the next flip is heads, and the number of flips that the network acts as if it
had seen. After n real flips of a pretraining sequence the second is n. Behind a prompt it is read off the network itself: an ideal
predictor with a flat prior that has seen n flips changes its mind by 1 / (n + 3) between one more head and one more tail.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Integer

from tutor.analysis.manual_prompts import attach_prompt, try_prompt
from tutor.core.paths import ASSETS
from tutor.core.threads import fix_threads
from tutor.predictors import Predictor
from tutor.runs.frames import filmed_steps
from tutor.runs.io.formats import StoreError, parse_arrays, read_bytes, write_arrays
from tutor.runs.run import Run, build_initial, tune_seed
from tutor.training.loop import Training

COINS, FLIPS = 40, 50
"""Filmed sequences, and flips of each."""
MOMENTS = 32
"""Moments of the training that are stored, which differ from one to the next by about as much."""
FIRST = "HTTTTT"
"""The prompt that the film puts in front: one head and five tails."""


@dataclass(frozen=True)
class Scene:
    """A part of the film: the second at which it ends, and its caption."""

    until: int
    say: str


NOISE, TRAINING, FAN, PROMPT, TUNING, END = SCENES = (
    Scene(3, "An untrained network. Whatever it reads, it expects heads about half the time."),
    Scene(9, "Training: it reads flips of many coins and learns to predict the next one."),
    Scene(12, "Now its expectations fan out. More heads read: to the right. More flips read: up."),
    Scene(16, "Put six vectors in front: one head, five tails. The network counts them like flips."),
    Scene(22, "Now tune six free vectors for a coin with {coin:.0%} heads. The network stays as it is."),
    Scene(25, "Six free vectors, worth {flips:.0f} flips."),
)
"""The film takes 25 seconds; a network without a tuned prompt has no part about tuning."""
FOLDER = ASSETS / "films"
FLAT = 3.0
"""Flips that a flat prior is worth (two), and the one that is read."""
LEAST = 1e-3
"""Smallest change of mind that is read as a number of flips; below it the network does not listen at all."""
EQUAL = 1e-4
"""How far the network that is trained again may be from the run's own, in probability."""
ROUND = 65535


@dataclass(frozen=True)
class BeliefFilm:
    """What a network expects of fixed sequences at moments of its training, and where prompts lead it afterwards.

    steps: training steps of the moments. tokens: the sequences, 0 for heads. expects: probability of heads before the first flip and after
    each. hard: beliefs (expects, flips) before the prompt FIRST and after each of its vectors. walk: beliefs behind the prompt of a tuning
    as it goes on, of which the flips are what the prompt is worth; empty where there is none. coin: how often the coin of that tuning shows
    heads.
    """

    steps: list[int]
    tokens: Integer[np.ndarray, "B T"]
    expects: Float[np.ndarray, "F B T1"]
    hard: Float[np.ndarray, "K1 2"]
    walk: Float[np.ndarray, "S 2"]
    coin: float

    def scenes(self) -> list[Scene]:
        """The scenes of this film, with its numbers in their captions."""
        flips = self.walk[-1, 1] if len(self.walk) else 0.0
        parts = SCENES if len(self.walk) else SCENES[:-2]
        return [Scene(part.until, part.say.format(coin=self.coin, flips=flips)) for part in parts]


def spread_coins() -> Integer[np.ndarray, "B T"]:
    """Sequences of 40 coins whose shares of heads are evenly spread, in an order that is always the same."""
    rng = np.random.default_rng(0)
    heads = np.round((np.arange(COINS) + 0.5) / COINS * FLIPS).astype(int)
    return np.stack([rng.permutation(np.arange(FLIPS) >= count).astype(np.int64) for count in heads])


@torch.inference_mode()
def read_expectations(network: Predictor, tokens: Integer[np.ndarray, "B T"]) -> Float[np.ndarray, "B T1"]:
    """Read a network's probability of heads before the first flip of each sequence and after each flip."""
    longer = np.pad(tokens, ((0, 0), (0, 1)))                     # the last token is only predicted
    return network(torch.from_numpy(longer))[..., 0].double().exp().numpy()


def believe(network: Predictor) -> tuple[float, float]:
    """The belief of a network behind the prompt that it carries: (expects, flips)."""
    (expects, after_head), (_, after_tail) = read_expectations(network, np.array([[0], [1]]))
    return float(expects), max(0.0, 1 / max(LEAST, float(after_head - after_tail)) - FLAT)


def walk_prompt(network: Predictor, prompt: str = FIRST) -> Float[np.ndarray, "K1 2"]:
    """Beliefs of a network before a hard prompt (H and T) and after each of its vectors."""
    rows = np.array([[1.0, 0.0] if letter == "H" else [0.0, 1.0] for letter in prompt])
    return np.array([believe(attach_prompt(network, rows[:count])) for count in range(len(rows) + 1)])


@fix_threads()
def walk_tuning(tuned: Run, network: Predictor) -> Float[np.ndarray, "S 2"]:
    """Tune a prompt once more, and follow its beliefs; the flips are what the prompt is worth."""
    spec, walk = tuned.spec, []
    tuning = spec.method.start(network, spec.on, spec.tuning, tune_seed(spec, 0))
    wanted = set(filmed_steps(spec.tuning.steps, 1)[::2]) | {spec.tuning.steps}
    while True:
        if tuning.step in wanted:
            worth = try_prompt(tuning.predictor, spec.on).worth.beyond(spec.source)
            walk.append((believe(tuning.predictor)[0], max(0.0, float(worth.sum()))))
        if tuning.done:
            return np.array(walk)
        tuning.advance()


@fix_threads()
def record_film(run: Run, tuned: Run | None = None) -> BeliefFilm:
    """Train the network of a run once more, in the same way, and film what it expects.

    Parameters
    ----------
    run
        A finished pretraining on coins.
    tuned
        A tuning of a soft prompt of that network on one coin, whose prompt is followed.

    Raises
    ------
    StoreError
        Where the network that comes out is not the run's own, as may happen on another machine.
    """
    spec, tokens = run.spec, spread_coins()
    training = Training(build_initial(spec), spec.source, spec.recipe, spec.seeds.pretrain)
    wanted, steps, moments = set(filmed_steps(spec.recipe.steps, 1)), [], []
    while True:
        if training.step in wanted:
            steps.append(training.step)
            moments.append(read_expectations(training.predictor, tokens))
        if training.done:
            break
        training.advance()
    away = float(np.abs(moments[-1] - read_expectations(run.predictor, tokens)).max())
    if away > EQUAL:
        raise StoreError(f"trained again on this machine, the network of run {run.key} differs from the run's own by {away:.1g}")
    kept = choose_moments(np.array(moments))
    walk = walk_tuning(tuned, run.predictor) if tuned else np.zeros((0, 2))
    coin = float(np.asarray(tuned.spec.on.probs)[0]) if tuned else 0.5
    return BeliefFilm([steps[at] for at in kept], tokens, np.array(moments)[kept], walk_prompt(run.predictor), walk, coin)


def choose_moments(moments: Float[np.ndarray, "F B T1"], most: int = MOMENTS) -> list[int]:
    """Choose at most `most` moments, the first and the last among them, between which the expectations change about equally."""
    change = sum_changes(moments)
    places = np.searchsorted(change, np.linspace(0, change[-1], most)).clip(max=len(moments) - 1)
    return sorted({0, len(moments) - 1, *places.tolist()})


def sum_changes(moments: Float[np.ndarray, "F B T1"]) -> Float[np.ndarray, " F"]:
    """Sum up how much the expectations have changed until each moment, as the mean over all points."""
    return np.concatenate([[0.0], np.abs(np.diff(moments, axis=0)).mean((1, 2)).cumsum()])


def film_of(run: Run) -> BeliefFilm:
    """The film of a run: the recorded one that is shipped, or else what the camera of the run has seen of its own sequences.

    Raises
    ------
    StoreError
        Where the run has no frames, or is not about coins.
    """
    if film_path(run.key).exists():
        return read_film(film_path(run.key))
    frames = run.frames()
    if len(frames) < 2 or frames[0].probs.shape[-1] != 2:
        raise StoreError(f"run {run.key} has no film of coin flips")
    expects = np.array([frame.probs[..., 0] for frame in frames], dtype=np.float64)
    return BeliefFilm([frame.step for frame in frames], frames[0].tokens[:, :-1].astype(np.int64), expects, walk_prompt(run.predictor),
                      np.zeros((0, 2)), 0.5)


def film_path(key: str) -> Path:
    """Where the recorded film of a shipped run is kept."""
    return FOLDER / f"{key}.npz"


def write_film(path: Path, film: BeliefFilm) -> None:
    """Write a film as NPZ, with expectations rounded to 1 / 65,535."""
    write_arrays(path, {"steps": np.array(film.steps, np.int32), "tokens": film.tokens.astype(np.uint8), "expects": rounded(film),
                        "hard": film.hard, "walk": film.walk, "coin": np.array(film.coin)})


def rounded(film: BeliefFilm) -> Integer[np.ndarray, "F B T1"]:
    """The expectations as whole numbers, of which 65,535 is certainty."""
    return np.round(film.expects * ROUND).astype(np.uint16)


def read_film(path: Path) -> BeliefFilm:
    """Read a film that `write_film` wrote.

    Raises
    ------
    StoreError
        Where the file is missing or damaged.
    """
    told = parse_arrays(path, read_bytes(path))
    try:
        return BeliefFilm(told["steps"].tolist(), told["tokens"].astype(np.int64), told["expects"] / ROUND, told["hard"], told["walk"],
                          float(told["coin"]))
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"{path} is no film: {error}") from error
