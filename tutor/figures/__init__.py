"""Pictures of runs and of exact references: arrays in, a figure with its sentence and its table out. Nothing here draws on a page."""

from tutor.figures import palette
from tutor.figures.anchor_tradeoff import AnchorScore, anchor_picture
from tutor.figures.attention_maps import attention_map, bias_scatter, effect_bars, pushed_positions, pushed_traces, table_bars
from tutor.figures.attention_shares import AttentionSpread, spread_bars
from tutor.figures.belief_simplex import MOVING_BELIEFS, BeliefPoints, Simplex, belief_simplex, make_simplex, name_state, place_points
from tutor.figures.belief_walk import belief_curve, walk_picture
from tutor.figures.beliefs import Prediction, belief_picture, flips_picture, ideal_picture
from tutor.figures.bias_equation import bias_sides
from tutor.figures.cluster_map import IntervalValue, SentencePath, TextCloud, distance_map, layer_lines, sentence_path, step_bars, task_map
from tutor.figures.coin_bag import bag_picture
from tutor.figures.contexts import retrieval_picture, vectors_picture
from tutor.figures.diagnosis_bars import kept_gain_picture
from tutor.figures.distances import PromptDistances, distance_strips
from tutor.figures.drag_pad import HANDLE, prompt_pad
from tutor.figures.foreign_tokens import sentence_paths, tuning_losses
from tutor.figures.forest_plot import ForestRow, forest_plot
from tutor.figures.loss_cumulative import loss_stairs
from tutor.figures.picture import Picture
from tutor.figures.prefixes import BestPromptCurve, prefix_bars, pseudo_counts_picture, reach_picture, spell_flips
from tutor.figures.probe_bars import ProbeScore, probe_bars
from tutor.figures.regret_curves import Curve, ends_far_apart, regret_bars, regret_curves, tabulate_curves
from tutor.figures.retrieval_scores import PhaseCell, answer_bars, crowd_bars, crowd_lines, loss_surface, phase_map, training_lines
from tutor.figures.score_map import score_map
from tutor.figures.scores import ReferenceLevels, Score, score_bars, score_dots, score_lines, score_matrix
from tutor.figures.state_plane import Plane, state_grid
from tutor.figures.step_gradients import batch_picture, gradient_picture, position_losses, update_picture
from tutor.figures.training_curves import FEED, RaceEntry, race_curves, replay_settings, training_curve
from tutor.figures.trajectories import WALKING, Path, moment_traces, trajectories
from tutor.figures.two_token_line import token_line_picture
from tutor.figures.vector_map import MOVING, PlacedPrompt, WordCloud, join_vector_paths, prompt_map, token_tape, tuning_loss_curves
from tutor.figures.verdict_bars import verdict_bars

__all__ = [
    "FEED",
    "HANDLE",
    "MOVING",
    "MOVING_BELIEFS",
    "WALKING",
    "AnchorScore",
    "AttentionSpread",
    "BeliefPoints",
    "BestPromptCurve",
    "Curve",
    "ForestRow",
    "IntervalValue",
    "Path",
    "PhaseCell",
    "Picture",
    "PlacedPrompt",
    "Plane",
    "Prediction",
    "ProbeScore",
    "PromptDistances",
    "RaceEntry",
    "ReferenceLevels",
    "Score",
    "SentencePath",
    "Simplex",
    "TextCloud",
    "WordCloud",
    "anchor_picture",
    "answer_bars",
    "attention_map",
    "bag_picture",
    "batch_picture",
    "belief_curve",
    "belief_picture",
    "belief_simplex",
    "bias_scatter",
    "bias_sides",
    "crowd_bars",
    "crowd_lines",
    "distance_map",
    "distance_strips",
    "effect_bars",
    "ends_far_apart",
    "flips_picture",
    "forest_plot",
    "gradient_picture",
    "ideal_picture",
    "join_vector_paths",
    "kept_gain_picture",
    "layer_lines",
    "loss_stairs",
    "loss_surface",
    "make_simplex",
    "moment_traces",
    "name_state",
    "palette",
    "phase_map",
    "place_points",
    "position_losses",
    "prefix_bars",
    "probe_bars",
    "prompt_map",
    "prompt_pad",
    "pseudo_counts_picture",
    "pushed_positions",
    "pushed_traces",
    "race_curves",
    "reach_picture",
    "regret_bars",
    "regret_curves",
    "replay_settings",
    "retrieval_picture",
    "score_bars",
    "score_dots",
    "score_lines",
    "score_map",
    "score_matrix",
    "sentence_path",
    "sentence_paths",
    "spell_flips",
    "spread_bars",
    "state_grid",
    "step_bars",
    "table_bars",
    "tabulate_curves",
    "task_map",
    "token_line_picture",
    "token_tape",
    "training_curve",
    "training_lines",
    "trajectories",
    "tuning_loss_curves",
    "tuning_losses",
    "update_picture",
    "vectors_picture",
    "verdict_bars",
    "walk_picture",
]
