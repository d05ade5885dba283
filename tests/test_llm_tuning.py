"""Prompts for models from elsewhere: what tuning changes and leaves alone, on what text, by which loss, and what can be taken away."""

import io
import json
import shutil
import zipfile

import pytest
import torch
from own_models import TEXT, each_model, start_of, tuner_of

from tutor import llm
from tutor.core.paths import ROOT
from tutor.llm import tuning_text
from tutor.llm.prompt_tuning import held_out_loss, snapshot_steps
from tutor.llm.prompted_model import PROMPTS, read_vectors

model = each_model


@pytest.mark.parametrize("method", PROMPTS)
def test_tuning_lowers_the_held_out_loss_and_leaves_the_model_bit_identical(model, method):
    before = {name: value.clone() for name, value in model.network.state_dict().items()}
    tuner = tuner_of(model, method)
    losses = [one.validation for one in tuner.steps() if one.validation is not None]
    assert losses[-1] < losses[0] - 0.3
    after = model.network.state_dict()
    assert before.keys() == after.keys() and all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("method", PROMPTS)
def test_the_same_seed_gives_the_same_numbers_and_another_one_others(models, method):
    first, again, other = ([one.loss for one in tuner_of(models["llama"], method, steps=5, seed=seed).steps()] for seed in (1, 1, 2))
    assert first == again and first[1:] != other[1:]


@pytest.mark.parametrize("method", PROMPTS)
def test_the_loss_is_that_of_the_tokens_behind_the_prompt(model, method):
    tuner = tuner_of(model, method)
    ids = tuner.examples.validation
    vectors = torch.cat([start_of(model).expand(len(ids), -1, -1), model.vocabulary[ids]], dim=1)
    log_p = model.network(inputs_embeds=vectors).logits.log_softmax(-1)[:, 4:-1]
    by_hand = -log_p.gather(2, ids[:, 1:, None]).mean().item()
    # A prefix starts as what the model remembers of the same vectors.
    assert held_out_loss(tuner.prompted, ids, 4) == pytest.approx(by_hand, abs=1e-5)


def test_without_a_prompt_the_loss_is_that_of_transformers(model):
    tuner = tuner_of(model, "SoftPT")
    ids = tuner.examples.validation
    assert tuner.without == pytest.approx(model.network(input_ids=ids, labels=ids).loss.item(), abs=1e-5)


def test_examples_are_windows_of_the_text_and_the_last_ones_are_held_out(models):
    found, ids = llm.cut_windows(models["gpt2"], TEXT, 16), models["gpt2"].encoded(TEXT)
    assert found.training[1].tolist() == ids[16:32] and len(found.validation) == round(0.1 * (len(ids) // 16))
    whole = len(found.training) + len(found.validation)
    assert found.validation[-1].tolist() == ids[16 * (whole - 1):16 * whole]


def test_a_long_text_is_read_in_pieces_that_end_with_a_line(monkeypatch):
    monkeypatch.setattr(tuning_text, "PIECE", 10)
    said = "one two\nthree\nfour five six seven eight nine\nten"
    assert list(tuning_text.split_text(said)) == ["one two\n", "three\n", "four five ", "six seven ", "eight nine", "\nten"]
    assert "".join(tuning_text.split_text(said)) == said


def test_a_tokenizer_with_an_opening_puts_it_before_every_example(models, folders, tmp_path):
    from tokenizers.processors import TemplateProcessing  # noqa: PLC0415

    folder = shutil.copytree(folders["gpt2"], tmp_path / "opening")
    made = models["gpt2"].tokenizer
    made._tokenizer.post_processor = TemplateProcessing(single="[UNK] $A", special_tokens=[("[UNK]", 0)])
    made.save_pretrained(folder)
    made._tokenizer.post_processor = TemplateProcessing(single="$A", special_tokens=[])
    model = llm.load_model(llm.locate_model(str(folder)))
    found = llm.cut_windows(model, TEXT, 8)
    assert model.opening == (0,) and found.training.shape[1] == 9 and set(found.training[:, 0].tolist()) == {0}


def test_time_left_counts_what_steps_really_read(models):
    tuner = tuner_of(models["gpt2"], "SoftPT", steps=200)
    assert tuner.cost_of(0) == tuner.cost_of(200) == 3 * 4 + len(tuner.examples.validation) and tuner.cost_of(150) == 3 * 4
    assert tuner.cost == sum(tuner.cost_of(step) for step in range(201))


def test_looks_are_many_at_first_and_few_at_the_end():
    wanted = sorted(snapshot_steps(200))
    assert wanted[:4] == [0, 1, 2, 3] and wanted[-1] == 200 and len(wanted) <= 25


def test_memory_of_a_soft_prompt_is_what_the_model_remembers_of_it(models):
    model = models["llama"]
    soft, prefix = (PROMPTS[method](model, start_of(model)) for method in ("SoftPT", "PrefixPT"))
    ids = model.tokens("dora takes some cold milk")
    torch.testing.assert_close(soft.logits(ids), prefix.logits(ids), rtol=1e-4, atol=1e-5)
    assert torch.equal(read_vectors(model, soft.weight).kept()[1][1], soft.memory().layers[1].values)


def test_a_prompt_taken_away_is_one_that_peft_loads(models, folders, tmp_path):
    from peft import PeftModel  # noqa: PLC0415
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    for method in PROMPTS:
        tuner = tuner_of(models["llama"], method, steps=4)
        list(tuner.steps())
        with zipfile.ZipFile(io.BytesIO(llm.pack_adapter(tuner, {"prior": {"kind": "words"}}))) as archive:
            archive.extractall(tmp_path / method)
            told = json.loads(archive.read("made.json"))
            lines = archive.read("losses.csv").decode().splitlines()
        theirs = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(folders["llama"]), tmp_path / method).eval()
        ids = tuner.examples.validation
        torch.testing.assert_close(theirs(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[:, -16:], tuner.prompted.logits(ids))
        assert (told["method"], told["stopped_at"], told["prior"]) == (method, 4, {"kind": "words"}) and len(lines) == 6
        assert str(tmp_path.parent) not in str(told)


def test_the_script_in_the_documentation_runs(folders, tmp_path, monkeypatch):
    documented = (ROOT / "docs" / "researchers.md").read_text()
    script = next(part for part in documented.split("```python")[1:] if "from tutor import llm" in part).partition("```")[0]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text(TEXT)
    lines = [f"{label}: {who} eats {what} ." for label, what in (("fruit", "a red apple"), ("milk", "some cold milk"))
             for who in ("anna", "ben", "carl", "dora")]
    (tmp_path / "labelled.txt").write_text("\n".join(lines))
    small = script.replace("openai-community/gpt2", str(folders["gpt2"])).replace("steps=300, window=64", "steps=3, window=16")
    exec(compile(small, "researchers.md", "exec"), {})
    assert zipfile.ZipFile(tmp_path / "prompt.zip").testzip() is None
