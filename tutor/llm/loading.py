"""From a folder to a model that can be worked with: looked at first, then loaded, and everything that may be wrong in one sentence."""

import fnmatch
import json
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any

import torch

from tutor.llm.memory import Estimate, estimate
from tutor.llm.model import OwnModel
from tutor.llm.places import Folder, HubName, Refused

MOST_DESCRIPTION = 2**20                          # bytes of config.json
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
VOCABULARIES = ("tokenizer.json", "vocab.json", "*.model")
"""Files of which a fast tokenizer can be made."""


def look(place: Folder | HubName) -> Estimate:
    """What a model will need, from its description alone. Refused where it is no causal language model that can be loaded here.

    Where it fits, also where the names of its files say that it cannot be: no weights as safetensors, no tokenizer.
    """
    needs = estimate(place.name, described(place.described(), place.name))
    if needs.fits:
        require_files(place.files(), place.name)
    return needs


def load(place: Folder | HubName, cancelled=lambda: False) -> OwnModel:
    """The model and its tokenizer, in single precision, from safetensors and without running any code of theirs. Refused as in `look`."""
    look(place).require()
    folder = place.brought(cancelled)
    config = described(folder, place.name)
    return OwnModel(place.name, _network(folder, place.name, config), _tokenizer(folder, place.name, config))


def described(folder: Path, name: str) -> Any:
    """The transformers configuration of a folder. Refused unless it is a plain causal language model of a kind that transformers knows."""
    from transformers import AutoConfig  # noqa: PLC0415 - the extra `llm`
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as CAUSAL  # noqa: PLC0415

    said = _read(folder, name)
    kind = str(said.get("model_type", ""))
    if kind not in CAUSAL and "auto_map" in said:
        raise Refused(f"the model {name} needs code of its own, which is never run here; choose a model that transformers knows by itself")
    if kind not in CAUSAL or said.get("is_encoder_decoder") or not _causal(said.get("architectures") or [CAUSAL[kind]], CAUSAL[kind]):
        kinds = said.get("architectures")
        shown = ", ".join(map(str, kinds)) if isinstance(kinds, list) else kind
        raise Refused(f"the model {name} is no causal language model, it is {shown[:80] or 'of no known kind'}")
    if "quantization_config" in said:
        raise Refused(f"the model {name} is quantised; choose the model with its full weights")
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except Exception as error:
        raise Refused(f"the file config.json of {name} cannot be used ({_first(error)})") from error
    if config.get_text_config() is not config:
        raise Refused(f"the model {name} reads more than text; choose a model of text alone")
    return config


def _causal(names: Any, known: str | tuple[str, ...]) -> bool:
    return isinstance(names, list) and any(name in ((known,) if isinstance(known, str) else known) for name in names)


def _read(folder: Path, name: str) -> dict:
    path = folder / "config.json"
    if (folder / "adapter_config.json").exists():
        raise Refused(f"the model {name} holds an adapter of PEFT; merge it into its model, or give the model alone")
    if not path.is_file():
        raise Refused(f"the model {name} holds no model: there is no config.json")
    try:
        if path.stat().st_size > MOST_DESCRIPTION:
            raise Refused(f"the file config.json of {name} has {path.stat().st_size:,} bytes; at most {MOST_DESCRIPTION:,} are read")
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        said = f"the file config.json of {name} cannot be read ({_first(error)})"
        raise error if isinstance(error, Refused) else Refused(said) from error
    if not isinstance(said, dict):
        raise Refused(f"the file config.json of {name} does not describe a model")
    return said


def require_files(names: Collection[str], name: str) -> None:
    """Raise Refused unless among these files are weights as safetensors and what a fast tokenizer can be made of."""
    if not {"model.safetensors", "model.safetensors.index.json"} & set(names):
        pickled = next((file for pattern in PICKLED for file in sorted(fnmatch.filter(names, pattern))), None)
        if pickled:
            raise Refused(f"the model {name} has its weights as {pickled}, which could run code when it is opened; "
                          "save them as safetensors first")
        raise Refused(f"the model {name} has no weights: there is no model.safetensors")
    if not any(fnmatch.filter(names, pattern) for pattern in VOCABULARIES):              # transformers would make an empty one up
        raise Refused(f"the model {name} has no fast tokenizer; there should be a tokenizer.json")


def _network(folder: Path, name: str, config: Any) -> torch.nn.Module:
    from transformers import AutoModelForCausalLM, logging  # noqa: PLC0415

    # Passing the cache by its old name, as PEFT does as well.
    warnings.filterwarnings("ignore", message=".*`past_key_values` is deprecated", category=FutureWarning)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        # Attention in the open form: the other ones do not say where they looked.
        network, told = AutoModelForCausalLM.from_pretrained(
            folder, config=config, use_safetensors=True, trust_remote_code=False, local_files_only=True, dtype=torch.float32,
            attn_implementation="eager", output_loading_info=True)
    except Exception as error:                    # SafetensorError, OSError, RuntimeError: whatever is wrong with a file of weights
        raise Refused(f"the weights of {name} cannot be loaded ({_first(error)})") from error
    if missing := sorted(told["missing_keys"]):
        raise Refused(f"the weights of {name} are not complete: {len(missing)} tensors are missing, such as {missing[0]}")
    return network.eval().requires_grad_(False)


def _tokenizer(folder: Path, name: str, config: Any) -> Any:
    from transformers import AutoTokenizer  # noqa: PLC0415

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=True, trust_remote_code=False, local_files_only=True)
    except Exception as error:
        raise Refused(f"the model {name} has no fast tokenizer that can be loaded ({_first(error)}); "
                      "save one as tokenizer.json") from error
    if not getattr(tokenizer, "is_fast", False):
        raise Refused(f"the model {name} has no fast tokenizer; save one as tokenizer.json")
    most = max(tokenizer.get_vocab().values(), default=-1)
    if not 0 <= most < config.vocab_size:
        raise Refused(f"the tokenizer of {name} has {most + 1:,} tokens and the model {config.vocab_size:,}; "
                      "they do not belong together")
    return tokenizer


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
