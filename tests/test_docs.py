"""What the README and the docs say of the code is what the code says: verdicts, presets, and the snippets that a newcomer copies."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import orjson

from tutor import llm
from tutor.methods import METHODS
from tutor.methods.hard import FINALISTS, HardPT
from tutor.methods.priors import PRIORS
from tutor.methods.retrieval import PIPELINES
from tutor.predictors import BODIES, LSTM
from tutor.predictors.prompt_placement import Placement
from tutor.runs.engine import runner
from tutor.runs.spec import Evaluation, RunSpec
from tutor.runs.store import RunStore
from tutor.sources import SOURCES
from tutor.studies import FAST, PAPER, STUDIES, Preset
from tutor.training.recipe import Recipe
from tutor.ui.page_list import every_page
from tutor.ui.stage import lesson_file

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
DOCS = {path.stem: path.read_text("utf-8") for path in ROOT.glob("docs/*.md")}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def table(text: str, heading: str) -> dict[str, list[str]]:
    """The rows of the first table behind a heading: first cell -> the others."""
    lines = text.split(heading, 1)[1].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[: _end(lines)] if line.startswith("|")]
    return {first: rest for first, *rest in rows[2:]}


def _end(lines: list[str]) -> int:
    """Where the first table ends."""
    begun = next(i for i, line in enumerate(lines) if line.startswith("|"))
    return next((i for i, line in enumerate(lines) if i > begun and not line.startswith("|")), len(lines))


def fenced(name: str, language: str) -> list[str]:
    """Every block of code of one language in a page of docs/."""
    return [text for kind, text in FENCE.findall(DOCS[name]) if kind == language]


def test_the_readme_gives_every_study_the_verdict_of_its_shipped_result():
    said = table(README, "## What it tests")
    assert list(said) == list(STUDIES), "the README has a row for every study, in the order of STUDIES"
    found = {name: orjson.loads((ROOT / f"assets/studies/{name}-fast.json").read_bytes())["verdict"] for name in said}
    wrong = [f"| {name} | {claim} | {found[name]} |" for name, (claim, verdict) in said.items() if verdict.partition(":")[0] != found[name]]
    assert not wrong, "these rows of README.md must read:\n" + "\n".join(wrong)


def test_the_snippet_of_the_readme_gives_the_numbers_it_says():
    ((_, snippet),) = [one for one in FENCE.findall(README) if one[0] == "python"]
    assert README.index(snippet) < README.index("## What it tests")
    scope, said = {}, []
    for line in snippet.splitlines():
        number = re.search(r"# ([\d.]+) nats", line)
        if number:
            said.append((f"{float(eval(line.partition('#')[0], scope)):.3f}", number[1]))
        else:
            exec(line, scope)
    assert len(said) == 3 and all(found == number for found, number in said), said


def trained(recipe: Recipe) -> str:
    """A recipe as the table of presets says it."""
    each = f" ({recipe.steps // len(recipe.lengths)} steps each)" if len(recipe.lengths) > 1 else ""
    rate = f"{recipe.learning_rate:.0e}".replace("e-0", "e-")
    memory = f" ({recipe.beta1:g}, {recipe.beta2:g})" if (recipe.beta1, recipe.beta2) != (0.9, 0.999) else ""
    schedule = (f", warm-up {100 * recipe.warmup:g} %" if recipe.warmup else "") + (", cosine" if recipe.cosine else "")
    return (f"{recipe.steps:,} steps, {recipe.batch} {'stratified ' if recipe.stratified else ''}sequences of "
            f"{', then '.join(map(str, recipe.lengths))}{each}, Adam {rate}{memory}{schedule}, targets `{recipe.targets}`")


def evaluated(how: Evaluation) -> str:
    return f"{how.sequences:,} {'stratified ' if how.stratified else ''}sequences of {how.length}"


def searched(hard: HardPT) -> str:
    words = {4: "four"}
    return (f"successive halving, the last {words[FINALISTS]} on {hard.sequences:,} stratified sequences" if hard.halving
            else f"all, on {hard.sequences:,} sequences")


def repeated(preset: Preset) -> str:
    others = f" in the two main studies, {preset.aside} in the others" if preset.aside != preset.repetitions else ""
    return f"{preset.repetitions}{others}"


def test_the_table_of_presets_is_the_presets():
    said = {"pretraining": lambda preset: trained(preset.recipe), "tuning": lambda preset: trained(preset.tuning), "repetitions": repeated,
            "evaluation": lambda preset: evaluated(preset.evaluation), "hard prompts": lambda preset: searched(preset.hard)}
    wanted = {name: [say(preset) for preset in (FAST, PAPER)] for name, say in said.items()}
    lines = "\n".join(f"| {name} | {' | '.join(cells)} |" for name, cells in wanted.items())
    assert table(DOCS["measurement"], "## Presets") == wanted, f"the table of docs/measurement.md must read:\n{lines}"


def kinds(name: str) -> list[str]:
    """The kinds that docs/researchers.md names for one table of a specification."""
    return re.findall(r"`(\w+)`", table(DOCS["researchers"], "Every part but")[name][0])


def test_the_kinds_of_a_specification_are_those_of_the_registries():
    assert kinds("`source`, `on`") == list(SOURCES) and kinds("`body`") == list(BODIES)
    assert kinds("`method`") == [*METHODS, *PIPELINES] and kinds("`method.prior`, of `soft` and `deep`") == list(PRIORS)
    assert kinds("`method.placement`, of soft prompts and some others") == list(get_args(Placement.model_fields["kind"].annotation))
    assert kinds("`evaluation`") == list(Evaluation.model_fields)


def test_the_specification_of_the_docs_is_one():
    spec = RunSpec.from_text(fenced("researchers", "toml")[0])
    assert (spec.method.length, spec.on.label, spec.seeds.repetitions) == (6, "Two coins 0.2 / 0.8", 5)


def test_the_sweep_of_the_docs_loads_the_shipped_pretraining_and_tunes_four_lengths(monkeypatch, capsys):
    asked = []

    def pretrained(spec: RunSpec):
        asked.append(spec)
        return SimpleNamespace(key=spec.key(), summary={"regret": {"0": {"median": [0.0]}}})

    monkeypatch.setattr(runner, "pretrain", pretrained)
    exec(next(text for text in fenced("researchers", "python") if "for length in" in text), {})
    assert [spec.method.length for spec in asked] == [1, 2, 4, 8] and {spec.seeds.repetitions for spec in asked} == {5}
    assert {spec.base().key() for spec in asked} == {FAST.base(LSTM()).key()} and RunStore("/nowhere").done(asked[0].base().key())
    assert capsys.readouterr().out.splitlines()[3].startswith(f"8 {asked[3].key()}")


def test_a_mistake_is_the_sentence_that_the_docs_print(capsys):
    shown = next(text for text in fenced("researchers", "python") if "except SpecError" in text)
    exec(shown, {"RunSpec": RunSpec, "Recipe": Recipe})
    assert f"# {capsys.readouterr().out}".strip() == shown[shown.index("# body") :].strip()


def test_the_sweep_of_a_shell_starts_from_a_shipped_run_whose_only_length_of_six_is_the_prompts():
    (shown,) = fenced("researchers", "bash")
    store = RunStore(Path("/nowhere"))
    spec = store.load(store.complete(re.search(r"runs show (\w+)", shown)[1])).spec
    swept = re.sub("^length = 6$", "length = 8", spec.to_toml(), flags=re.MULTILINE)
    assert RunSpec.from_text(swept) == spec.model_copy(update={"method": spec.method.model_copy(update={"length": 8})})


def test_the_lesson_of_the_docs_is_one(tmp_path):
    path = tmp_path / "two-tails.yaml"
    path.write_text(fenced("lessons", "yaml")[0], encoding="utf-8")
    lesson = lesson_file.read_lesson(path)
    assert lesson.steps[0].met({"flips": 2, "heads": 0}) and lesson.steps[1].guess.fact == "worth_tails"


def test_students_are_walked_through_every_page_in_the_order_of_the_sidebar():
    titles = [page.title for page in every_page().values()]
    walk = re.findall(r"^(\d+)\. \*\*(.+?)\.?\*\*", DOCS["students"], re.MULTILINE)
    assert [title for _, title in walk] == [title for title in titles if title not in ("Lessons", "Glossary")]
    assert [int(number) for number, _ in walk] == list(range(1, len(walk) + 1))


def test_the_small_model_of_the_docs_is_one_that_can_be_loaded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text(README, encoding="utf-8")
    (recipe,) = fenced("own-model", "python")
    assert "range(300)" in recipe
    exec(recipe.replace("range(300)", "range(2)"), {})
    model = llm.load_model(llm.locate_model(str(tmp_path / "tiny-gpt2")))
    ids = model.tokens("A soft prompt, in nats.")
    assert tuple(model.vocabulary.shape) == (1000, 64) and tuple(model.hidden_states(ids).shape) == (3, ids.shape[-1], 64)
