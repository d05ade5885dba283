"""A prompt that was taken away writes what the page writes: by the lines in its zip, and with PEFT as far as the zip says."""

import importlib.util
import io
import json
import sys
import zipfile

import pytest
import torch
from own_models import tuner_of

from tutor import llm
from tutor.llm.causal_model import continue_ids
from tutor.llm.prompted_model import PROMPTS

TEXT, MANY = "anna eats a red", 10


@pytest.fixture(params=[(kind, method) for kind in ("gpt2", "llama", "tied llama") for method in PROMPTS], ids=":".join)
def taken(request, models, folders, tmp_path):
    """A tuned prompt, the folder of its model, and the folder into which its zip was unpacked."""
    kind, method = request.param
    tuner = tuner_of(models[kind], method, steps=20, learning_rate=0.3)
    list(tuner.steps())
    zipfile.ZipFile(io.BytesIO(llm.pack_adapter(tuner, {}))).extractall(tmp_path)
    return tuner, folders[kind], tmp_path


def page(tuner):
    """The tokens that the page writes behind the prompt."""
    model = tuner.model
    return continue_ids(tuner.prompted, model.tokens(TEXT), MANY, model.longest - tuner.how.length)


def test_the_lines_in_the_zip_write_what_the_page_writes(taken, monkeypatch, capsys):
    tuner, folder, where = taken
    spec = importlib.util.spec_from_file_location("write", where / "write.py")
    write = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(write)
    monkeypatch.setattr(sys, "argv", ["write.py", str(folder), TEXT, "--tokens", str(MANY)])
    write.main()
    said = llm.write_continuation(tuner.model, tuner.prompted, TEXT, MANY)
    assert capsys.readouterr().out == f"without: {said.without}\nbehind: {said.behind}\n"
    assert said.without != said.behind


def peft_says(folder, where, **how):
    from peft import PeftModel  # noqa: PLC0415
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    return PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(folder), where, **how).eval()


def test_peft_gives_the_same_next_token_and_a_soft_prompt_generates_the_same_where_nothing_is_kept(taken):
    tuner, folder, where = taken
    theirs, ids = peft_says(folder, where), tuner.model.tokens(TEXT)
    there = theirs(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[:, -ids.shape[1]:]
    torch.testing.assert_close(there, tuner.prompted.logits(ids), rtol=1e-4, atol=1e-4)
    if tuner.how.method == "SoftPT":
        said = theirs.generate(input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=MANY, do_sample=False, use_cache=False,
                               pad_token_id=0, eos_token_id=None)
        assert said[0, ids.shape[1]:].tolist() == page(tuner)


def test_an_adapter_of_a_model_without_attention_is_one_that_peft_loads(tmp_path):
    from own_models import SIZES, tokenizer  # noqa: PLC0415
    from transformers import MambaConfig, MambaForCausalLM  # noqa: PLC0415

    folder = tmp_path / "mamba"
    MambaForCausalLM(MambaConfig(**SIZES, hidden_size=32, num_hidden_layers=2)).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    tuner = tuner_of(llm.load_model(llm.locate_model(str(folder))), "SoftPT", steps=3)
    list(tuner.steps())
    zipfile.ZipFile(io.BytesIO(llm.pack_adapter(tuner, {}))).extractall(tmp_path / "taken")
    ids = tuner.model.tokens(TEXT)
    there = peft_says(folder, tmp_path / "taken")(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[:, -ids.shape[1]:]
    torch.testing.assert_close(there, tuner.prompted.logits(ids), rtol=1e-4, atol=1e-4)


def test_a_prefix_whose_layers_differ_in_shape_is_taken_away_without_a_form_of_peft(models):
    tuner = tuner_of(models["gpt2"], "PrefixPT", steps=1)
    list(tuner.steps())
    tuner.prompted.shapes = [(4, 8), (4, 8), (2, 16), (2, 16), (4, 8), (4, 8)]
    with zipfile.ZipFile(io.BytesIO(llm.pack_adapter(tuner, {}))) as archive:
        assert "adapter_config.json" not in archive.namelist() and {"write.py", "README.md"} < set(archive.namelist())
        assert json.loads(archive.read("made.json"))["shapes"][2] == [2, 16]
