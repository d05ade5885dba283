"""What travels with the project: `python -m tutor.studies.shipping STORE` copies every finished fast study of a store into assets.

The runs themselves are computed before by `prompt-tutor study NAME --fast --store STORE`, resumable and on all cores.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import copyfile, rmtree

from tutor.core.paths import ASSETS
from tutor.methods import DeepPT, PrefixPT
from tutor.methods.method import InitField
from tutor.runs.export import ship_runs
from tutor.runs.spec import RunSpec
from tutor.runs.store import RunStore
from tutor.studies import FAST, STUDIES, belief_presets, embedding_presets, list_presets, make_result, retriever_presets
from tutor.studies.language_presets import MODEL

EMERGING = 2_600_000
"""Bytes of a pretraining on which the pages open: its film holds enough states to see them fan out."""
LARGEST = 1_150_000
"""Bytes of any other pretraining that tunings start from: weights and a film to scrub through."""
DEEPEST = 2_000_000
"""Bytes of the list network of four layers: hardly more than its weights."""
PRETRAINED = 900_000
"""Bytes of any other shipped pretraining."""
FILMED = 330_000
"""Bytes of the film in which a tuned prompt walks to its place, in the studies that the pages open on."""
PUSHED = 420_000
"""Bytes of the film in which a prefix of a list network comes to push as it does, on Attention."""
TUNED, REPEATED = 80_000, 25_000
"""Bytes of a shipped tuning beside what its weights need, and of each of its repetitions."""
LANGUAGE_MODEL = 3_600_000
"""Bytes of the language model: more than any other run, because whole labs stand on its weights."""
SCORED = 60_000
"""Bytes of a tuning of the language model beside its weights: pages show its scores and what it writes, and no film."""

TAPED = 150_000
"""Bytes of the film of prompt vectors, from which pages draw their ways and what they read as."""
PIPELINE, CELL = 1_600_000, 130_000
"""Bytes of a retrieval pipeline with its weights and all of its evidence, and of one of which only the diagnosis is shown."""
FOLDERS = ("runs", "studies", "diagnoses")
"""Of assets, made anew each time."""
VECTORS = ("found/exam/contexts", "found/exam/queries")
"""What most of the evidence about a pipeline consists of; its diagnoses are kept beside the runs."""

MAIN = [spec for name in ("random-to-single", "random-to-mixture") for spec in STUDIES[name].specs(FAST)]
LISTS = [spec for name in ("new-attention", "elicit") for spec in STUDIES[name].specs(FAST)]
FILMED_WORDS = [spec for study in STUDIES.values() if study.lab in ("priors", "meaning") for spec in study.specs(FAST)
                if spec.is_tuning and spec.method.positions and not isinstance(spec.method, DeepPT)
                and spec.tuning.learning_rate == embedding_presets.RECIPE.learning_rate]
OPENING = [*(spec.base() for spec in MAIN), *belief_presets.SHIPPED]
WHOLE = [retriever_presets.GOOD, retriever_presets.DENSE,
         *(retriever_presets.OTHERS[name] for name in ("encoder from scratch", "a quarter outdated"))]
CELLS = [spec for part in (retriever_presets.OTHERS, retriever_presets.HELD, retriever_presets.MAP) for spec in part.values()
         if spec not in WHOLE]


def byte_budget(spec: RunSpec, store: RunStore, bases: set[str]) -> int:
    """Bytes that a run may take among the shipped ones.

    Parameters
    ----------
    bases
        Keys of the pretrainings that shipped tunings start from.
    """
    if spec == MODEL:
        return LANGUAGE_MODEL
    if spec == list_presets.deep_spec(FAST, body=list_presets.FOUR_LAYERS):
        return DEEPEST
    if not spec.is_tuning:
        return EMERGING if spec in OPENING else LARGEST if spec.key() in bases else PRETRAINED
    if spec in WHOLE or spec in CELLS:
        return PIPELINE if spec in WHOLE else CELL
    kept = {name: t for name, t in store.get(spec.key()).weights().items() if name.startswith("0/")}
    moves = isinstance(spec.method, InitField | PrefixPT)
    film = FILMED if moves and spec in MAIN else PUSHED if moves and spec in LISTS else 0
    if spec in FILMED_WORDS:
        film = TAPED
    curves = SCORED + film if spec.base() == MODEL else TUNED + REPEATED * spec.seeds.repetitions + film
    weights = sum(t.numel() * t.element_size() for t in kept.values())
    return curves + (weights if curves + weights <= LARGEST else 0)


def main(root: Path) -> None:
    """Ship every complete fast study; this replaces what was shipped before.

    A study is complete where each of its runs is in the store at `root` or among the runs shipped before.
    """
    for name in FOLDERS:
        restore_folder(ASSETS / name)
    store, computed = RunStore(root), RunStore(root, shipped=root / "none")
    finished = [name for name, study in STUDIES.items() if make_result(study, FAST, store) is not None]
    wanted = {spec.key(): spec for name in finished for part in STUDIES[name].specs(FAST) for spec in (part.base(), part)}
    wanted |= {spec.key(): spec for spec in belief_presets.SHIPPED if store.find(spec.key())}
    fresh = {name: ASSETS / f"{name}.new" for name in FOLDERS}
    for folder in fresh.values():
        rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    new = _runs(wanted, store, computed, fresh["runs"])
    for name in finished:
        mine, before = (layer / "studies" / f"{name}-fast.json" for layer in (store.root, ASSETS))
        copyfile(mine if mine.exists() else before, fresh["studies"] / mine.name)
    for key in wanted:
        for path in [*(store.root / "diagnoses").glob(f"{key}-*.json")] or (ASSETS / "diagnoses").glob(f"{key}-*.json"):
            copyfile(path, fresh["diagnoses"] / path.name)
    for name, folder in fresh.items():
        replace_folder(ASSETS / name, folder)
    absent = sorted(STUDIES.keys() - set(finished))
    print(f"{new} new runs, {len(wanted) - new} as they were, of {len(finished)} studies"
          + (f"; not complete: {', '.join(absent)}" if absent else ""))


def _runs(wanted: Mapping[str, RunSpec], store: RunStore, computed: RunStore, target: Path) -> int:
    """Ship what was computed, copy what was shipped before; how many of the first there were."""
    bases, new = {spec.base().key() for spec in wanted.values() if spec.is_tuning}, 0
    for key, spec in wanted.items():
        if computed.find(key):
            ship_runs(computed, [key], target, byte_budget(spec, computed, bases), without=VECTORS if spec in CELLS else ())
            new += 1
        else:                                          # as it was: nothing new to say of it
            before = store.get(key)
            (target / spec.lab).mkdir(parents=True, exist_ok=True)
            copyfile(before.path, target / spec.lab / before.path.name)
    return new


def replace_folder(place: Path, fresh: Path) -> None:
    """Replace the folder `place` by `fresh`; if this is interrupted, `restore_folder` recovers one of the two."""
    old = place.with_name(f"{place.name}.old")
    if place.exists():
        place.rename(old)
    fresh.rename(place)
    rmtree(old, ignore_errors=True)


def restore_folder(place: Path) -> None:
    """Undo an interrupted `replace_folder`, or remove what a finished one left behind."""
    old = place.with_name(f"{place.name}.old")
    if old.exists() and not place.exists():
        old.rename(place)
    rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
