"""From a folder to a model that can be worked with: looked at first, then loaded, and everything that may be wrong in one sentence."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from tutor.llm.causal_model import OwnModel
from tutor.llm.checked_outputs import is_finite
from tutor.llm.foreign_errors import refuse_errors
from tutor.llm.memory_need import MemoryEstimate, estimate_memory
from tutor.llm.model_files import (
    MOST_DESCRIPTION,
    list_shards,
    read_json,
    require_files,
    require_no_gguf,
    require_no_pointer,
    require_whole,
)
from tutor.llm.model_location import HubName, ModelError, ModelFolder

OWN_SETTINGS = {"return_dict": True, "output_hidden_states": False, "output_attentions": False, "use_cache": True}
"""Fields of a description that would decide how a model answers; here whoever asks decides it."""
READ_ONLY = {"use_return_dict": True}              # in files of old versions; in new ones follows from another field
VOCABULARIES = ("tokenizer.json", "vocab.json", "vocab.txt", "*.model", "*.tiktoken")
"""Files of which a tokenizer may be made."""
SMALL = ("*.json", "*.txt", "*.model", "*.tiktoken")


def inspect_model(place: ModelFolder | HubName) -> MemoryEstimate:
    """Estimate what a model needs from its description alone, before its weights are loaded.

    Where it fits, what loading does is done as far as small files allow: the tokenizer is made, and files of weights on this machine
    are read as far as they say how long they should be.

    Raises
    ------
    ModelError
        Where it is no causal language model that can be loaded here.
    """
    with refuse_errors(f"the model {place.name} cannot be looked at"):
        folder = place.described()
        config = read_config(folder, place.name)
        needs = estimate_memory(place.name, config)
        if needs.fits:
            for file in _weights(place, folder):
                if (folder / file).exists():       # not of a model on the hub, unless it is very small
                    require_whole(folder / file, place.name)
            _tokenizer(folder, place.name, config)
        return needs


def load_model(place: ModelFolder | HubName, cancelled: Callable[[], bool] = lambda: False) -> OwnModel:
    """The model and its tokenizer, in single precision, from safetensors and without running any code of theirs.

    ModelError as in `inspect_model`, and where weights are not finite, or the model does not answer as a causal language model does.
    """
    inspect_model(place).require()
    with refuse_errors(f"the model {place.name} cannot be loaded"):
        files = _weights(place, place.described())
        folder = place.brought(files, cancelled)
        for file in files:
            require_whole(folder / file, place.name)
        config = read_config(folder, place.name)
        network = _network(folder, place.name, config)
        _require_finite(network, folder, files, place.name)
        model = OwnModel(place.name, network, _tokenizer(folder, place.name, config))
        if not isinstance(getattr(network.get_input_embeddings(), "weight", None), torch.Tensor):
            raise ModelError(f"the model {place.name} has no matrix of embeddings, where prompts and words could stand")
        _ = model.anatomy                          # a model that answers nothing is refused now
        return model


def _weights(place: ModelFolder | HubName, folder: Path) -> list[str]:
    names = place.files()
    require_files(names, place.name)
    return list_shards(folder, names, place.name)


def read_config(folder: Path, name: str) -> Any:
    """The transformers configuration of a folder.

    ModelError unless it is a plain causal language model of a kind that transformers knows.
    """
    from transformers import AutoConfig  # noqa: PLC0415 - the extra `llm`
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as CAUSAL  # noqa: PLC0415

    said = _description(folder, name)
    kind = str(said.get("model_type", ""))
    if kind not in CAUSAL and "auto_map" in said:
        raise ModelError(
            f"the model {name} needs code of its own, which is never run here; choose a model that transformers knows by itself"
        )
    if kind not in CAUSAL or said.get("is_encoder_decoder") or not _causal(said.get("architectures") or [CAUSAL[kind]], CAUSAL[kind]):
        kinds = said.get("architectures")
        shown = ", ".join(map(str, kinds)) if isinstance(kinds, list) else kind
        raise ModelError(f"the model {name} is no causal language model, it is {shown[:80] or 'of no known kind'}")
    if said.get("quantization_config"):
        raise ModelError(f"the model {name} is quantised; choose the model with its full weights")
    with refuse_errors(f"the file config.json of {name} cannot be used"):
        with TemporaryDirectory() as plain:        # transformers reads a file, in one encoding, and whatever it says
            kept = {field: value for field, value in said.items() if field not in OWN_SETTINGS | READ_ONLY}
            (Path(plain) / "config.json").write_text(json.dumps(kept), encoding="utf-8")
            config = AutoConfig.from_pretrained(plain, trust_remote_code=False, local_files_only=True)
        for field, value in OWN_SETTINGS.items():
            setattr(config, field, value)
        text = config.get_text_config()
    if text is not config:
        raise ModelError(f"the model {name} reads more than text; choose a model of text alone")
    return config


def _causal(names: Any, known: str | tuple[str, ...]) -> bool:
    return isinstance(names, list) and any(name in ((known,) if isinstance(known, str) else known) for name in names)


def _description(folder: Path, name: str) -> dict:
    if (folder / "adapter_config.json").exists():
        raise ModelError(f"the model {name} holds an adapter of PEFT; merge it into its model, or give the model alone")
    path = folder / "config.json"
    if path.is_file():
        return read_json(path, name, MOST_DESCRIPTION)
    require_no_gguf([one.name for one in folder.iterdir()], name)
    raise ModelError(f"the model {name} holds no model: there is no config.json")


def _network(folder: Path, name: str, config: Any) -> torch.nn.Module:
    from transformers import AutoModelForCausalLM, logging  # noqa: PLC0415

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    with refuse_errors(f"the weights of {name} cannot be loaded"):
        # Attention in the open form: the other ones do not say where they looked.
        network, told = AutoModelForCausalLM.from_pretrained(
            folder, config=config, use_safetensors=True, trust_remote_code=False, local_files_only=True, dtype=torch.float32,
            attn_implementation="eager", output_loading_info=True)
        network = network.eval().requires_grad_(False)
    if missing := sorted(told["missing_keys"]):
        raise ModelError(f"the weights of {name} are not complete: {len(missing)} tensors are missing, such as {missing[0]}")
    return network


def _require_finite(network: torch.nn.Module, folder: Path, files: list[str], name: str) -> None:
    """Raise ModelError where a weight is no finite number, with the name that it has in its file; one tensor after the other."""
    if (wrong := next((key for key, value in network.named_parameters() if not is_finite(value)), None)) is None:
        return
    from safetensors import safe_open  # noqa: PLC0415 - only of a model that is refused

    with refuse_errors(f"the weights of {name} hold values that are not finite (tensor {wrong})"):
        for file in files:
            with safe_open(folder / file, framework="pt") as tensors:
                wrong = next((key for key in tensors.keys() if not is_finite(tensors.get_tensor(key))), wrong)  # noqa: SIM118
    raise ModelError(f"the weights of {name} hold values that are not finite (tensor {wrong})")


def _tokenizer(folder: Path, name: str, config: Any) -> Any:
    from transformers import AutoTokenizer, logging  # noqa: PLC0415

    # transformers would make an empty one up.
    if not any(path.is_file() for pattern in VOCABULARIES for path in folder.glob(pattern)):
        raise ModelError(f"the model {name} has no fast tokenizer; there should be a tokenizer.json")
    for path in (path for pattern in SMALL for path in folder.glob(pattern)):
        require_no_pointer(path, name)
    logging.set_verbosity_error()
    if slow := not (folder / "tokenizer.json").exists():
        other = next(path.name for pattern in VOCABULARIES for path in folder.glob(pattern))
        said = f"the model {name} has no tokenizer.json, and none can be made of its {other} here"
    else:
        said = f"the file tokenizer.json of {name} cannot be used"
    with refuse_errors(said, "save its fast tokenizer as tokenizer.json", quoted=not slow):  # it would say what to install on our machine
        tokenizer = AutoTokenizer.from_pretrained(folder, config=config, use_fast=True, trust_remote_code=False, local_files_only=True)
        words = set(tokenizer.get_vocab().values()) - set(tokenizer.all_special_ids)
    if not getattr(tokenizer, "is_fast", False) or not words:
        raise ModelError(f"the model {name} has no fast tokenizer{'' if words else ' with any words'}; save one as tokenizer.json")
    return tokenizer
