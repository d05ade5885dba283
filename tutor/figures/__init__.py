"""Pictures of runs and of exact references: arrays in, a figure with its sentence and its table out. Nothing here draws on a page."""

from tutor.figures import palette
from tutor.figures.attention import attention_map, bias_scatter, effect_bars, pushed_moment, pushed_traces, table_bars
from tutor.figures.bags import bag_picture
from tutor.figures.beliefs import Prediction, belief_picture, flips_picture, ideal_picture
from tutor.figures.clusters import Cloud, Measured, Way, distance_map, over_layers, sentence_way, step_bars, task_map
from tutor.figures.contexts import found_picture, vectors_picture
from tutor.figures.diagnosis import kept_picture
from tutor.figures.distances import Away, how_far
from tutor.figures.leashes import Leash, leash_picture
from tutor.figures.loss_stairs import stairs
from tutor.figures.pads import HANDLE, pad
from tutor.figures.paths import WALKING, Path, moment, trajectories
from tutor.figures.picture import Picture
from tutor.figures.planes import Plane, state_grid
from tutor.figures.prefixes import Reach, prefix_bars, pseudo_counts_picture, reach_picture, spelt
from tutor.figures.probes import Reading, probe_bars
from tutor.figures.regret import Curve, regret_bars, regret_curves, table_of
from tutor.figures.retrieval import Phase, answer_bars, crowd_bars, crowd_lines, loss_surface, over_training, phase_map
from tutor.figures.score_map import score_map
from tutor.figures.scores import Levels, Score, score_bars, score_dots, score_lines, score_matrix
from tutor.figures.shares import Spread, spread_bars
from tutor.figures.sides import bias_sides
from tutor.figures.steps import batch_picture, gradient_picture, position_losses, update_picture
from tutor.figures.tokens import sentence_paths, tuning_losses
from tutor.figures.training import FEED, Racer, race, replayed, training_curve
from tutor.figures.two_tokens import off_the_line
from tutor.figures.vectors import MOVING, Placed, WordCloud, losing, prompt_map, token_tape, way

__all__ = [
    "FEED",
    "HANDLE",
    "MOVING",
    "WALKING",
    "Away",
    "Cloud",
    "Curve",
    "Leash",
    "Levels",
    "Measured",
    "Path",
    "Phase",
    "Picture",
    "Placed",
    "Plane",
    "Prediction",
    "Racer",
    "Reach",
    "Reading",
    "Score",
    "Spread",
    "Way",
    "WordCloud",
    "answer_bars",
    "attention_map",
    "bag_picture",
    "batch_picture",
    "belief_picture",
    "bias_scatter",
    "bias_sides",
    "crowd_bars",
    "crowd_lines",
    "distance_map",
    "effect_bars",
    "flips_picture",
    "found_picture",
    "gradient_picture",
    "how_far",
    "ideal_picture",
    "kept_picture",
    "leash_picture",
    "losing",
    "loss_surface",
    "moment",
    "off_the_line",
    "over_layers",
    "over_training",
    "pad",
    "palette",
    "phase_map",
    "position_losses",
    "prefix_bars",
    "probe_bars",
    "prompt_map",
    "pseudo_counts_picture",
    "pushed_moment",
    "pushed_traces",
    "race",
    "reach_picture",
    "regret_bars",
    "regret_curves",
    "replayed",
    "score_bars",
    "score_dots",
    "score_lines",
    "score_map",
    "score_matrix",
    "sentence_paths",
    "sentence_way",
    "spelt",
    "spread_bars",
    "stairs",
    "state_grid",
    "step_bars",
    "table_bars",
    "table_of",
    "task_map",
    "token_tape",
    "training_curve",
    "trajectories",
    "tuning_losses",
    "update_picture",
    "vectors_picture",
    "way",
]
