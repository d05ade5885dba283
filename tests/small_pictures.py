"""Numbers small enough to read, and pictures of them."""

import numpy as np

from tutor import figures
from tutor.analysis.question_trace import LossLandscape, NextWord, StoreCrowding
from tutor.measure import diagnose
from tutor.measure.synthetic_evidence import CASES

TASKS = ("stories", "questions", "gaps", "sums")
CLOUD = figures.TextCloud(np.random.default_rng(0).standard_normal((60, 2)), np.repeat(np.arange(4), 15), TASKS, ("a", "b"))
WAY = figures.SentencePath(np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 2.0], [0.0, 2.0]]), ("anna", "likes", "bread", "."), 2)
SPANS = {"trained": 0.5, "untrained": 0.2}
LAYERS = {name: {n: figures.IntervalValue(low + n / 10, low, low + 0.4) for n in (1, 2, 3)} for name, low in SPANS.items()}
WORDS = figures.WordCloud(np.random.default_rng(1).standard_normal((5, 2)), ("anna", "likes", "bread", ".", "end"), ("a", "b"))
MOMENTS = np.array([[[0.0, 0.0], [1.0, 1.0]], [[0.5, 0.0], [1.0, 2.0]], [[3.0, 0.0], [1.0, 5.0]]])
PULLS = [figures.AnchorScore(0.0, figures.Score(0.0, 0.0, 0.0), figures.Score(90.0, 85.0, 95.0), 50.0),
           figures.AnchorScore(1.0, figures.Score(0.5, 0.4, 0.6), figures.Score(70.0, 60.0, 75.0), 30.0),
           figures.AnchorScore(10.0, figures.Score(1.0, 1.0, 1.0), figures.Score(40.0, 30.0, 50.0), 5.0)]
AWAY = np.array([0.5, 1.0, 1.5])
SCORES = {"soft": {"fitted": figures.Score(0.1, 0.05, 0.2), "far": figures.Score(0.5, 0.4, 0.9)},
          "deep": {"far": figures.Score(0.001, 0.001, 0.002)}}
OFF = np.array([[0.2, 2.0, 1.5], [1.4, 0.5, 0.1]])
LOST = np.array([[8.0, 4.0, 2.0, 1.0, 0.5], [8.0, 5.0, 3.0, 2.0, 1.0]])
ANSWERED = {"without context": NextWord(0.1, (("rice", 0.6), ("corn", 0.2))), "with the pipeline": NextWord(0.9, (("rice", 0.05),))}
CROWDS = [StoreCrowding(np.array([0.6, 0.7, 0.8, 0.9]), np.array([0.0, 0.1, -0.9]), sharing, 0.9, 0.5) for sharing in (2.0, 6.0)]
ALONG = np.linspace(0, 1.5, 4)
SURFACE = LossLandscape(ALONG, ALONG, np.add.outer(4 - 2 * ALONG, 3 - ALONG))
WATCHED = {"as it is": np.array([[6.0, np.nan, 2.0], [5.0, np.nan, 1.0]]),
           "store shuffled": np.array([[6.0, np.nan, 7.0], [6.0, np.nan, 9.0]])}
PHASES = {(0.0, 1.0): figures.PhaseCell("retrieves", "3 × retrieves", True, -0.3, 5.8),
          (0.9, 1.0): figures.PhaseCell("a soft prompt in disguise", "", False, 0.97, 3.4),
          (0.0, 0.4): figures.PhaseCell("inconclusive", "", True, np.nan, 0.0)}
BAG = {"bag of embeddings": figures.IntervalValue(0.4, 0.3, 0.5)}


def of_texts() -> dict[str, figures.Picture]:
    return {
        "task map": figures.task_map(CLOUD),
        "t-SNE": figures.task_map(CLOUD, hulls=False),
        "over layers": figures.layer_lines(LAYERS, measure="silhouette", level=BAG, chance=0.25, chosen=2),
        "way": figures.sentence_path(CLOUD, WAY),
        "steps": figures.step_bars(np.array([0.5, 1.5, 1.0]), WAY.words, WAY.given),
    }


def of_prompt_vectors() -> dict[str, figures.Picture]:
    return {
        "prompts among words": figures.prompt_map(
            WORDS, [figures.PlacedPrompt("fitted", MOMENTS), figures.PlacedPrompt("far", MOMENTS[:, ::-1] + 4)]
        ),
        "prompts among texts": figures.prompt_map(
            WORDS, [figures.PlacedPrompt("fitted", MOMENTS, MOMENTS[-1] + 1)], {"sums": CLOUD.points, "tables": CLOUD.points + 3}
        ),
        "how far": figures.distance_strips(
            {"words": AWAY, "sums": 2 * AWAY}, [figures.PromptDistances("fitted Gaussian", 3 * AWAY, AWAY, 4 * AWAY)]
        ),
        "how far two": figures.distance_strips(
            {"words": AWAY}, [figures.PromptDistances("fitted Gaussian", 3 * AWAY), figures.PromptDistances("far region", 5 * AWAY)]
        ),
        "dots": figures.score_dots(SCORES, measure="loss (nats)", of="prior", log=True),
        "tape": figures.token_tape([0, 400], [["anna", "likes"], ["anna", "eats"]], np.array([[0.9, 0.8], [0.5, 0.6]])),
        "two tokens": figures.token_line_picture({"SimplexPT": OFF[:1] * 0, "SoftPT": OFF}),
        "losing": figures.tuning_loss_curves({"from words": LOST, "from far": LOST * 2}, level=9.0),
        "pulls": figures.anchor_picture({"decoy": PULLS}, free={"decoy": 92.0}, nothing=0.1, measure="BLEU"),
    }


def of_retrieval() -> dict[str, figures.Picture]:
    diagnoses = [diagnose(CASES["half and half"].evidence(60, seed)) for seed in range(2)]
    return {
        "kept": figures.kept_gain_picture(diagnoses[:1], ["half"]),
        "kept by seeds": figures.kept_gain_picture(diagnoses, ["first", "second"]),
        "context vectors": figures.vectors_picture(diagnoses[:1], ["half"]),
        "context vectors of seeds": figures.vectors_picture(diagnoses, ["first", "second"]),
        "found": figures.retrieval_picture(diagnoses, ["first", "second"]),
        "answers": figures.answer_bars(ANSWERED, "bread"),
        "crowd": figures.crowd_bars(CROWDS[0]),
        "crowds": figures.crowd_lines((0.0, 0.9), CROWDS, k=8, chosen=0.9),
        "course": figures.training_lines(WATCHED, measure="held-out loss (nats)", levels={"soft prompt": 3.0}),
        "surface": figures.loss_surface(SURFACE),
        "phases": figures.phase_map(PHASES),
    }
