"""The scenes of lessons. A new scene is one function with its `Scene`, and one line here."""

from tutor.ui.stage import coin_scenes, embedding_scenes, network_scenes, prefix_scenes, prompt_scenes, regret_scenes, retriever_scenes
from tutor.ui.stage.scene import Scene

SCENES: dict[str, Scene] = {
    "coin": coin_scenes.COIN,
    "two-coins": coin_scenes.TWO_COINS,
    "training": network_scenes.TRAINING,
    "states": network_scenes.STATES,
    "states-film": network_scenes.STATES_FILM,
    "prompt-map": prompt_scenes.PROMPT_MAP,
    "tune-prompt": prompt_scenes.TUNE_PROMPT,
    "prompt-worth": prompt_scenes.PROMPT_WORTH,
    "soft-share": prompt_scenes.SOFT_SHARE,
    "tuned-loss": regret_scenes.TUNED_LOSS,
    "loss-per-flip": regret_scenes.LOSS_PER_FLIP,
    "new-task": prefix_scenes.NEW_TASK,
    "attention": prefix_scenes.ATTENTION,
    "prefix-task": prefix_scenes.PREFIX_TASK,
    "prefix-push": prefix_scenes.PREFIX_PUSH,
    "prefix-values": prefix_scenes.PREFIX_VALUES,
    "pushes": prefix_scenes.PUSHES,
    "skills": prefix_scenes.SKILLS,
    "prior-map": embedding_scenes.PRIOR_MAP,
    "tape": embedding_scenes.TAPE,
    "pulled-prompts": embedding_scenes.PULLED_PROMPTS,
    "question": retriever_scenes.QUESTION,
    "kept-gain": retriever_scenes.KEPT_GAIN,
    "store-weights": retriever_scenes.STORE_WEIGHTS,
}
"""Scenes by the name that a step of a lesson gives."""
