"""What the configuration of a model of the Llama family says, and one sentence for whatever this decoder does not hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutor.predictors.pretrained import NotHeld, find_opening, refuse_incomplete
from tutor.predictors.rotary import Rotation

FAMILY = ("llama", "mistral", "qwen2", "qwen3", "gemma")
"""`model_type` of the models that the decoder holds."""
ACTS = ("silu", "gelu", "gelu_pytorch_tanh")


@dataclass(frozen=True)
class LlamaShape:
    """Sizes and settings of a model: widths, numbers of layers and heads, symbols V, positions, window per layer, rotation."""

    kind: str
    width: int
    layers: int
    heads: int
    key_heads: int
    each: int
    hidden: int
    vocab: int
    longest: int
    eps: float
    act: str
    tied: bool
    opening: int
    rotation: Rotation
    windows: tuple[int | None, ...]

    @property
    def scale(self) -> float:
        """What the rows of the token table are multiplied by: Gemma alone does."""
        return self.width**0.5 if self.kind == "gemma" else 1.0

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "LlamaShape":
        """Read a configuration.

        Raises
        ------
        NotHeld
            Where the model is of another family, or has something that the decoder lacks.
        """
        kind = str(config.get("model_type"))
        if kind not in FAMILY:
            raise NotHeld(f"the architecture is {kind[:40]}; the decoder holds {', '.join(FAMILY)}")
        with refuse_incomplete():
            width, layers, heads = (int(config[name]) for name in ("hidden_size", "num_hidden_layers", "num_attention_heads"))
            act = str(config.get("hidden_activation") or config.get("hidden_act") or "silu")
            act = "gelu_pytorch_tanh" if kind == "gemma" and act == "gelu" else act
            if act not in ACTS:
                raise NotHeld(f"the activation is {act[:40]}; the decoder has {', '.join(ACTS)}")
            vocab = int(config["vocab_size"])
            return cls(
                kind=kind, width=width, layers=layers, heads=heads, key_heads=int(config.get("num_key_value_heads") or heads),
                each=int(config.get("head_dim") or width // heads), hidden=int(config["intermediate_size"]), vocab=vocab,
                longest=int(config["max_position_embeddings"]), eps=float(config.get("rms_norm_eps", 1e-6)), act=act,
                tied=bool(config.get("tie_word_embeddings", kind == "gemma")), opening=find_opening(config, vocab),
                rotation=_rotation(config), windows=_windows(config, kind, layers))


def _rotation(config: Mapping[str, Any]) -> Rotation:
    said = config.get("rope_parameters") or {}
    scaling = said or config.get("rope_scaling") or {}
    base = float(said.get("rope_theta") or config.get("rope_theta") or 10_000.0)
    kind = scaling.get("rope_type") or scaling.get("type") or "default"
    if config.get("partial_rotary_factor", 1) != 1 or scaling.get("partial_rotary_factor", 1) != 1:
        raise NotHeld("only a part of each head is rotated, which the decoder does not do")
    if kind == "default":
        return Rotation(base)
    if kind == "linear":
        return Rotation(base, float(scaling["factor"]))
    if kind == "llama3":
        bands = (float(scaling["low_freq_factor"]), float(scaling["high_freq_factor"]), float(scaling["original_max_position_embeddings"]))
        return Rotation(base, float(scaling["factor"]), bands)
    raise NotHeld(f"the rotary positions are of the kind {str(kind)[:40]}; the decoder has default, linear and llama3")


def _windows(config: Mapping[str, Any], kind: str, layers: int) -> tuple[int | None, ...]:
    """How far back each layer looks, None for all the way."""
    window = config.get("sliding_window")
    if window is None or not config.get("use_sliding_window", kind == "mistral"):
        return (None,) * layers
    named = config.get("layer_types")
    since = 0 if kind == "mistral" else int(config.get("max_window_layers") or 0)
    slides = [one == "sliding_attention" for one in named] if named else [i >= since for i in range(layers)]
    return tuple(int(window) if one else None for one in slides)
