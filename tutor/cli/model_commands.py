"""prompt-tutor model: the models from elsewhere on this machine, and a specification to start from."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tutor import llm
from tutor.cli.exit_codes import CommandError, print_error, print_json, print_table
from tutor.core import parsing
from tutor.core.model_folder import (
    ModelMissing,
    count_numbers,
    keep_model,
    list_models,
    models_root,
    read_config,
    read_folder,
    remove_model,
)
from tutor.core.spec_errors import SpecError
from tutor.methods import SoftPT
from tutor.predictors import NotHeld, find_pretrained
from tutor.predictors.pretrained import require_room
from tutor.runs.spec import Evaluation, RunSpec
from tutor.sources import Texts
from tutor.sources.texts_file import MOST_BYTES, TextsError, parse_examples
from tutor.training.recipe import Recipe

SHORTEST = 6
"""Fewest digits by which a model is named."""
HELD_OUT = 16
"""Evaluated sequences: each costs a pass over the whole model."""


@contextmanager
def end_model_errors() -> Iterator[None]:
    """Turn what may be wrong with a model or its texts into the end of the command."""
    try:
        yield
    except (ModelMissing, NotHeld, SpecError, TextsError, llm.ModelError) as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"the model cannot be written to {models_root()}: {(error.strerror or str(error)).lower()}") from error


def add_model(folder: Path) -> None:
    """Keep the model of a folder and print its hash. Raises CommandError where it is damaged, too large, or no decoder here holds it."""
    with end_model_errors():
        print(keep_whole(folder))


def keep_whole(folder: Path) -> str:
    """Keep the model of a folder once it is known that this machine can hold it. Raises NotHeld or ModelMissing."""
    config = read_folder(folder)
    require_room(f"the model {folder.name}", count_numbers(folder), find_pretrained(config).read_shape(config))
    return keep_model(folder)


def get_model(name: str) -> None:
    """Bring a known model to this machine and print its hash. Raises CommandError where the name is not known or it is not had."""
    if name not in llm.KNOWN_MODELS:
        raise CommandError(f"model is {name[:64]}; it must be {' or '.join(llm.KNOWN_MODELS)}, or a folder for `prompt-tutor model add`")
    if not llm.is_installed():
        raise CommandError('this command needs transformers; pip install "prompt-tutor[llm]" installs it')
    model, downloads = llm.KNOWN_MODELS[name], models_root() / f".downloading-{name}"
    print_error(llm.describe_model(model))
    with end_model_errors():
        print(keep_whole(llm.download_model(model, downloads, print_error)))
        shutil.rmtree(downloads, ignore_errors=True)


def list_kept(*, as_json: bool) -> None:
    """Print hash, architecture, sizes and megabytes of every model."""
    rows = [_describe(one) for one in list_models()]
    if as_json:
        return print_json(rows)
    return print_table(f"{len(rows)} models", ["model", "architecture", "layers", "width", "MB"],
                       [[row["weights"][:12], row["architecture"], row["layers"], row["width"], row["megabytes"]] for row in rows])


def forget_model(start: str) -> None:
    """Delete a model. Raises CommandError where there is none whose hash begins like this."""
    with end_model_errors():
        weights = find_model(start)
        remove_model(weights)
    print_error(f"the model {weights[:12]} is removed")


def print_start(start: str, examples: Path) -> None:
    """Print the specification of a soft prompt for these examples. Raises CommandError where one of the two cannot be read."""
    with end_model_errors():
        weights = find_model(start)
        data = parsing.read_bytes(examples, MOST_BYTES, TextsError, name=examples.name)
        texts = Texts(tokenizer=weights, examples=parse_examples(data))
        tuning = Recipe(steps=100, batch=2, length=texts.longest, learning_rate=0.02, warmup=0.1, cosine=True)
        body = find_pretrained(read_config(weights))(weights=weights)
        print(RunSpec(source=texts, body=body, recipe=Recipe.untrained(), method=SoftPT(length=10, init="tokens"),
                      on=texts, tuning=tuning, evaluation=Evaluation(sequences=HELD_OUT)).to_toml())


def find_model(start: str) -> str:
    """The hash that begins like this. Raises ModelMissing where there is not exactly one."""
    found = [one for one in list_models() if one.startswith(start)] if len(start) >= SHORTEST else []
    if len(found) != 1:
        raise ModelMissing(f"model is {start[:64]}; it must be the first {SHORTEST} digits or more of a hash of `prompt-tutor model list`")
    return found[0]


def _describe(weights: str) -> dict:
    said, files = read_config(weights), (models_root() / weights).glob("*.safetensors")
    return {"weights": weights, "architecture": said.get("model_type"), "layers": said.get("num_hidden_layers", said.get("n_layer")),
            "width": said.get("hidden_size", said.get("n_embd")), "megabytes": round(sum(path.stat().st_size for path in files) / 1e6)}
