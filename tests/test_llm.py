"""Models from elsewhere: a tiny GPT-2 and tiny Llamas, made and saved here, are loaded, looked into and tuned; and what is refused."""

import hashlib
import io
import json
import shutil
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch
from own_models import CONFIGS, KINDS, TEXT, saved
from safetensors.torch import load_file, save_file

from tutor import llm
from tutor.llm import memory, places, texts
from tutor.llm.jobs import Job
from tutor.llm.model import continued
from tutor.llm.prompted import PROMPTS, remembered
from tutor.llm.tape import tape
from tutor.llm.tuning import judged, moments
from tutor.measure import posteriors
from tutor.places import ROOT
from tutor.priors import Gaussian, Vocabulary

QUICK = {"length": 4, "steps": 30, "batch": 4, "window": 16, "learning_rate": 0.05}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    return {kind: saved(root / kind.replace(" ", "-"), kind) for kind in KINDS}


@pytest.fixture(scope="module")
def models(folders):
    return {kind: llm.load(llm.place_of(str(folder))) for kind, folder in folders.items()}


@pytest.fixture(params=KINDS)
def model(request, models):
    return models[request.param]


@pytest.fixture
def broken(folders, tmp_path):
    """A copy of the GPT-2 to break."""
    return shutil.copytree(folders["gpt2"], tmp_path / "broken")


def start_of(model, length=4):
    return model.vocabulary[torch.arange(1, 1 + length)]


def tuner_of(model, method, **changes):
    how = llm.Tuning.of(method=method, **QUICK | changes)
    return llm.Tuner(model, llm.examples(model, TEXT, how.window), how, start_of(model, how.length))


def test_the_vocabulary_is_the_embedding_matrix(model, folders):
    matrix = {"gpt2": "transformer.wte.weight", "llama": "model.embed_tokens.weight"}[model.config.model_type]
    there = load_file(folders[model.name.replace("-", " ")] / "model.safetensors")
    assert torch.equal(model.vocabulary, there[matrix]) and model.vocabulary.shape == (40, 32)


def test_words_are_tied_where_the_description_says_so(models):
    assert {kind: one.tied for kind, one in models.items()} == {"gpt2": True, "llama": False, "tied llama": True}


def test_hidden_states_are_those_of_transformers(model):
    ids = model.tokens("anna eats a red apple .")
    theirs = model.network(input_ids=ids, output_hidden_states=True).hidden_states
    mine = model.hidden_states(ids)
    assert mine.shape == (model.layers + 1, 6, 32) and all(torch.equal(one, other[0]) for one, other in zip(mine, theirs, strict=True))


def test_words_come_back_as_they_were_read(model):
    assert model.words(model.encoded("dora takes some cold milk")) == ["dora", "takes", "some", "cold", "milk"]


def test_the_cloud_of_a_text_has_one_point_for_every_token(model):
    cloud = model.activations("ben sees ben")
    assert cloud.shape == (3, 32) and torch.equal(cloud[0], cloud[2]) and not torch.equal(cloud[0], cloud[1])


def test_what_is_written_is_the_likeliest_token_each_time(model):
    ids = model.tokens("anna eats")
    said = continued(model, ids, 3, model.longest)
    again = ids
    for token in said:
        assert model.network(input_ids=again).logits[0, -1].argmax() == token
        again = torch.cat([again, torch.tensor([[token]])], dim=1)


@pytest.mark.parametrize("kind", KINDS)
def test_memory_is_estimated_from_the_description_to_the_byte(models, folders, kind):
    real = sum(one.numel() * one.element_size() for one in (*models[kind].network.parameters(), *models[kind].network.buffers()))
    assert llm.look(llm.place_of(str(folders[kind]))).weights == pytest.approx(real, rel=0.02)


def test_known_models_are_estimated_at_their_known_size():
    from transformers import GPT2Config, LlamaConfig  # noqa: PLC0415

    big = LlamaConfig(num_hidden_layers=80, hidden_size=8192, intermediate_size=28672, num_key_value_heads=8, num_attention_heads=64)
    assert memory.estimate("gpt2", GPT2Config()).parameters == 124_439_808
    assert memory.estimate("llama-2-70b", big).parameters == pytest.approx(69.0e9, rel=0.01)


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
    assert judged(tuner.prompted, ids, 4) == pytest.approx(by_hand, abs=1e-5)


def test_without_a_prompt_the_loss_is_that_of_transformers(model):
    tuner = tuner_of(model, "SoftPT")
    ids = tuner.examples.validation
    assert tuner.without == pytest.approx(model.network(input_ids=ids, labels=ids).loss.item(), abs=1e-5)


def test_examples_are_windows_of_the_text_and_the_last_ones_are_held_out(models):
    found, ids = llm.examples(models["gpt2"], TEXT, 16), models["gpt2"].encoded(TEXT)
    assert found.training[1].tolist() == ids[16:32] and len(found.validation) == round(0.1 * (len(ids) // 16))
    whole = len(found.training) + len(found.validation)
    assert found.validation[-1].tolist() == ids[16 * (whole - 1):16 * whole]


def test_a_long_text_is_read_in_pieces_that_end_with_a_line(monkeypatch):
    monkeypatch.setattr(texts, "PIECE", 10)
    said = "one two\nthree\nfour five six seven eight nine\nten"
    assert list(texts.pieces(said)) == ["one two\n", "three\n", "four five ", "six seven ", "eight nine", "\nten"]
    assert "".join(texts.pieces(said)) == said


def test_a_tokenizer_with_an_opening_puts_it_before_every_example(models, folders, tmp_path):
    from tokenizers.processors import TemplateProcessing  # noqa: PLC0415

    folder = shutil.copytree(folders["gpt2"], tmp_path / "opening")
    made = models["gpt2"].tokenizer
    made._tokenizer.post_processor = TemplateProcessing(single="[UNK] $A", special_tokens=[("[UNK]", 0)])
    made.save_pretrained(folder)
    made._tokenizer.post_processor = TemplateProcessing(single="$A", special_tokens=[])
    model = llm.load(llm.place_of(str(folder)))
    found = llm.examples(model, TEXT, 8)
    assert model.opening == (0,) and found.training.shape[1] == 9 and set(found.training[:, 0].tolist()) == {0}


def test_time_left_counts_what_steps_really_read(models):
    tuner = tuner_of(models["gpt2"], "SoftPT", steps=200)
    assert tuner.cost_of(0) == tuner.cost_of(200) == 3 * 4 + len(tuner.examples.validation) and tuner.cost_of(150) == 3 * 4
    assert tuner.cost == sum(tuner.cost_of(step) for step in range(201))


def test_looks_are_many_at_first_and_few_at_the_end():
    wanted = sorted(moments(200))
    assert wanted[:4] == [0, 1, 2, 3] and wanted[-1] == 200 and len(wanted) <= 25


def test_the_tape_names_a_token_that_a_vector_equals(model):
    near = tape(torch.cat([model.vocabulary[[7]], 3 * model.vocabulary[[9]]]), model.vocabulary)
    assert near.by_cosine[:, 0].tolist() == [7, 9] and near.cosine[:, 0].tolist() == pytest.approx([1, 1])
    assert near.by_distance[0, 0] == 7 and near.distance[0, 0].item() == 0


def test_a_prompt_stands_where_the_shared_measures_say(models):
    model = models["llama"]
    tuner = tuner_of(model, "SoftPT", steps=8)
    last = list(tuner.steps())[-1]
    vectors, now = torch.from_numpy(last.vectors), last.standing
    gaussian = Gaussian.of(model.vocabulary)
    assert now.cosine == pytest.approx(posteriors.nearest_cosine(vectors, model.vocabulary).mean().item(), abs=1e-5)
    assert now.mahalanobis == pytest.approx(gaussian.distances(vectors).mean().item(), rel=1e-4)
    assert now.travelled == pytest.approx((vectors - start_of(model)).norm(dim=1).mean().item(), rel=1e-5)
    assert now.rank == posteriors.effective_rank(vectors) and tuner.taken[0].standing.travelled == 0


def test_the_tape_is_that_of_every_pair(model):
    vectors = torch.randn(5, 32, generator=torch.Generator().manual_seed(0))
    near, apart = tape(vectors, model.vocabulary), torch.cdist(vectors, model.vocabulary, compute_mode="donot_use_mm_for_euclid_dist")
    angle = torch.cosine_similarity(vectors[:, None], model.vocabulary[None], dim=2)
    assert torch.equal(near.by_distance[:, 0], apart.argmin(1)) and torch.equal(near.by_cosine[:, 0], angle.argmax(1))
    torch.testing.assert_close(near.distance, apart.topk(3, largest=False).values)


@pytest.mark.parametrize("method", PROMPTS)
def test_in_the_first_layer_a_tuned_prompt_only_rescales_attention_and_adds_a_bias(model, method):
    tuner = tuner_of(model, method, steps=15, learning_rate=0.1)
    list(tuner.steps())
    found = llm.first_layer_check(tuner.prompted, model.tokens("anna eats a red apple . ben sees the old boat ."))
    first, *deeper = found.layers
    assert first.content < 1e-5 and first.output < 1e-5 and 1 <= first.rank <= 4
    assert all(one.content > 1e-3 for one in deeper)
    assert found.behind[0].share.mean() > 0.01


@pytest.mark.parametrize("kind", [kind for kind in CONFIGS if kind not in KINDS])
def test_other_architectures_are_estimated_tuned_and_checked_as_well(tmp_path, kind):
    """Blocks in parallel, capped logits, attention sinks, position by slopes, words narrower than layers."""
    place = llm.place_of(str(saved(tmp_path / kind.replace(" ", "-"), kind)))
    model = llm.load(place)
    assert llm.look(place).parameters == sum(one.numel() for one in model.network.parameters())
    assert len(llm.paths(model, ["anna eats a red apple ."], 2).points[0]) == 6
    tuner = tuner_of(model, "SoftPT", steps=10)
    list(tuner.steps())
    first = llm.first_layer_check(tuner.prompted, model.tokens("anna eats a red apple .")).layers[0]
    assert first.content < 1e-5 and first.output < 1e-5 and tuner.taken[-1].validation < tuner.taken[0].validation


def test_a_model_without_attention_is_loaded_and_takes_no_prompt(tmp_path):
    from own_models import tokenizer  # noqa: PLC0415
    from transformers import MambaConfig, MambaForCausalLM  # noqa: PLC0415

    MambaForCausalLM(MambaConfig(vocab_size=40, hidden_size=32, num_hidden_layers=2)).save_pretrained(tmp_path / "mamba")
    tokenizer().save_pretrained(tmp_path / "mamba")
    model = llm.load(llm.place_of(str(tmp_path / "mamba")))
    assert model.heads == 0
    with pytest.raises(llm.Refused, match="SoftPT does not work on mamba, a mamba"):
        tuner_of(model, "SoftPT")


def test_the_check_fails_where_the_text_stands_elsewhere_without_the_prefix(models):
    from tutor.llm.attention import Effect, read  # noqa: PLC0415

    model = models["gpt2"]                                                     # learned positions: another place is another input
    prompted, ids = PROMPTS["PrefixPT"](model, start_of(model)), model.tokens("anna eats a red apple .")
    assert Effect(read(model, ids, None, 0), read(model, ids, prompted.memory(), 4)).layers[0].content > 1e-3


def test_a_grouped_head_reads_the_values_of_its_group(models):
    model = models["llama"]
    prompted, ids = PROMPTS["PrefixPT"](model, start_of(model)), model.tokens("anna eats a red apple .")
    heard = []
    listener = model.network.model.layers[0].self_attn.o_proj.register_forward_pre_hook(lambda module, inputs: heard.append(inputs[0]))
    found = llm.first_layer_check(prompted, ids)
    listener.remove()
    torch.testing.assert_close(found.behind[0].output.transpose(1, 2).flatten(2), heard[1])


def test_memory_of_a_soft_prompt_is_what_the_model_remembers_of_it(models):
    model = models["llama"]
    soft, prefix = (PROMPTS[method](model, start_of(model)) for method in ("SoftPT", "PrefixPT"))
    ids = model.tokens("dora takes some cold milk")
    torch.testing.assert_close(soft.logits(ids), prefix.logits(ids), rtol=1e-4, atol=1e-5)
    assert torch.equal(remembered(model, soft.weight).layers[1].values, soft.memory().layers[1].values)


def test_a_prompt_taken_away_is_one_that_peft_loads(models, folders, tmp_path):
    from peft import PeftModel  # noqa: PLC0415
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    for method in PROMPTS:
        tuner = tuner_of(models["llama"], method, steps=4)
        list(tuner.steps())
        with zipfile.ZipFile(io.BytesIO(llm.packed(tuner, {"prior": {"kind": "words"}}))) as archive:
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
    small = script.replace("openai-community/gpt2", str(folders["gpt2"])).replace("steps=300, window=64", "steps=3, window=16")
    exec(compile(small, "researchers.md", "exec"), {})
    assert zipfile.ZipFile(tmp_path / "prompt.zip").testzip() is None


def test_a_job_that_is_cancelled_stops_and_keeps_what_it_did(models):
    desk = llm.Desk()
    desk.model = models["gpt2"]
    how = llm.Tuning.of(**QUICK | {"steps": 5000})
    job = desk.tune(llm.Order(how, TEXT, Vocabulary()), "me")
    while desk.tuner is None or len(desk.tuner.taken) < 4:
        time.sleep(0.01)
    with pytest.raises(llm.Refused, match="wait until it is done, one is worked at a time"):
        desk.tune(llm.Order(how, TEXT, Vocabulary()), "you")
    with pytest.raises(llm.Refused, match="only they can stop it"):
        desk.cancel("you")
    assert job.left > 0
    desk.cancel("me")
    assert job.wait(20.0) and job.state == "cancelled" and 3 <= len(desk.tuner.taken) < 5000
    assert len(llm.packed(desk.tuner, desk.order.made)) > 1000


def test_a_job_left_alone_can_be_stopped_by_anybody(monkeypatch):
    monkeypatch.setattr("tutor.llm.jobs.ABANDONED", 0.0)
    assert Job("tuning", "me", lambda job: ()).may_stop("you")


def test_a_job_that_fails_says_why():
    def work(job):
        yield 1
        raise llm.Refused("the loss is no number any more at step 1; choose a smaller learning rate")

    job = Job("tuning", "me", work).start()
    assert job.wait(5.0) and job.state == "failed" and job.message.endswith("at step 1; choose a smaller learning rate")


def test_what_was_found_out_is_kept_while_model_and_prompt_are_the_same(folders):
    desk, asked = llm.Desk(), []
    for _ in range(2):
        assert desk.kept("a", lambda: asked.append(1) or len(asked)) == 1
    desk.forget()
    assert desk.kept("a", lambda: asked.append(1) or len(asked)) == 2
    for other in range(20):
        desk.kept(other, lambda: None)
    assert desk.kept("a", lambda: asked.append(1) or len(asked)) == 3


def test_loading_puts_the_model_on_the_desk(folders):
    desk = llm.Desk()
    job = desk.load(llm.place_of(str(folders["tied llama"])), "me")
    assert job.wait(60.0) and job.state == "done" and desk.model.name == "tied-llama"
    desk.forget()
    assert desk.model is None


# What is refused, and how it is said.

def refused(text):
    with pytest.raises(llm.Refused) as caught:
        llm.load(llm.place_of(text))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def described(folder, **changes):
    told = json.loads((folder / "config.json").read_text()) | changes
    (folder / "config.json").write_text(json.dumps({name: value for name, value in told.items() if value is not ...}))
    return str(folder)


@pytest.mark.parametrize("text", ["/nowhere/at/all", "models/of/mine/here", "~nobody-here/x", "..", "a" * 298 + "/b"])
def test_a_folder_that_is_not_there_is_one_sentence(text):
    assert any(part in refused(text) for part in ("there is no folder", "holds no model", "cannot be looked at"))


@pytest.mark.parametrize("text", ["", "  ", "x" * 301, "gpt2\x00", "a\nb"])
def test_a_name_that_cannot_be_is_one_sentence(text):
    assert "give a folder of this machine or a name on the hub" in refused(text)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "http://nowhere.invalid"])
def test_a_hub_that_is_not_reached_is_one_quick_sentence(monkeypatch, tmp_path, endpoint):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", endpoint)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    began = time.monotonic()
    assert refused("openai-community/gpt2") == ("the hub was not reached for openai-community/gpt2; check the network, "
                                                "or give a folder of this machine")
    assert time.monotonic() - began < places.PATIENCE + 2


@pytest.fixture
def hub(monkeypatch, tmp_path, folders):
    """A hub on this machine that has one model, `me/tiny`, with a script and a pickle beside its weights. Holds the paths asked for."""
    files = {path.name: path.read_bytes() for path in folders["gpt2"].iterdir()} | {"run.py": b"boom", "pytorch_model.bin": b"boom"}
    asked, sha = [], "0123456789" * 4

    class Hub(BaseHTTPRequestHandler):
        def answer(self, body=b"", status=200, **headers):
            self.send_response(status)
            for name, value in ({"Content-Length": len(body)} | {name.replace("_", "-"): value for name, value in headers.items()}).items():
                self.send_header(name, str(value))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def do_GET(self):
            path = self.path.partition("?")[0]
            name = path.rpartition("/")[2]
            asked.append(name)
            if path.startswith("/api/models/me/tiny/tree/"):
                kept = {name: {"size": len(data), "oid": hashlib.sha1(data).hexdigest()} for name, data in files.items()}
                tree = [{"type": "file", "path": name} | known for name, known in kept.items()]
                return self.answer(json.dumps(tree).encode(), Content_Type="application/json")
            if path.startswith("/api/models/me/tiny"):
                told = {"id": "me/tiny", "sha": sha, "siblings": [{"rfilename": name, "size": len(data)} for name, data in files.items()]}
                return self.answer(json.dumps(told).encode(), Content_Type="application/json")
            if path.startswith(f"/me/tiny/resolve/{sha}/") and name in files:
                return self.answer(files[name], ETag=f'"{hashlib.sha1(files[name]).hexdigest()}"', X_Repo_Commit=sha)
            return self.answer(b"{}", 404, X_Error_Code="RepoNotFound")

        do_HEAD = do_GET

        def log_message(self, *said):
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    yield asked
    server.shutdown()


def test_a_model_of_the_hub_is_described_first_and_brought_without_code_or_pickles(hub, models):
    place = llm.place_of("me/tiny")
    assert llm.look(place).parameters == sum(one.numel() for one in models["gpt2"].network.parameters())
    assert "model.safetensors" not in hub
    model = llm.load(place)
    assert model.name == "me/tiny" and torch.equal(model.vocabulary, models["gpt2"].vocabulary)
    assert "model.safetensors" in hub and not {"run.py", "pytorch_model.bin"} & set(hub)


def test_a_download_that_is_cancelled_stops(hub):
    with pytest.raises(llm.Refused, match="the download was cancelled"):
        llm.load(llm.place_of("me/tiny"), lambda: True)


def test_what_was_brought_once_is_there_without_a_network(hub, monkeypatch):
    llm.load(llm.place_of("me/tiny"))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    assert llm.load(llm.place_of("me/tiny")).layers == 3


def test_a_name_that_the_hub_does_not_know_is_one_sentence(hub):
    assert refused("me/other") == "the hub has no model me/other, or it is private"


def test_a_model_that_is_too_large_is_refused_before_it_is_loaded(broken, monkeypatch):
    (broken / "model.safetensors").unlink()                                     # nobody looks for weights that do not fit
    said = refused(described(broken, n_embd=16384, n_layer=90, n_head=64, vocab_size=100_000))
    assert said.startswith("broken is too large for this machine: it needs about 1,215.6 GB and ") and said.endswith("GB are free")


def test_memory_of_a_container_counts(tmp_path, monkeypatch):
    (tmp_path / "memory.max").write_text("3000000")
    (tmp_path / "memory.current").write_text("1000000")
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    assert memory.free() == 2_000_000


def test_a_folder_without_a_model_is_one_sentence(tmp_path):
    assert refused(str(tmp_path)) == f"{tmp_path.name} holds no model: there is no config.json"


DESCRIPTIONS = {
    "broken is no causal language model, it is BertForMaskedLM": {"model_type": "bert", "architectures": ["BertForMaskedLM"]},
    "broken is no causal language model, it is T5ForConditionalGeneration":
        {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"]},
    "broken is no causal language model, it is GPT2ForSequenceClassification": {"architectures": ["GPT2ForSequenceClassification"]},
    "broken is no causal language model, it is of no known kind": {"model_type": ..., "architectures": ...},
    "broken needs code of its own, which is never run here; choose a model that transformers knows by itself":
        {"model_type": "mine", "auto_map": {"AutoModelForCausalLM": "modeling.Mine"}},
    "broken is quantised; choose the model with its full weights": {"quantization_config": {"quant_method": "bitsandbytes"}},
    "n_layer is 1,000,000,000 in config.json; at most 2,000 are read": {"n_layer": 10**9},
    "config.json describes no model that can be built": {"n_head": 5},
}


@pytest.mark.parametrize("sentence", DESCRIPTIONS)
def test_a_description_of_something_else_is_one_sentence(broken, sentence):
    assert refused(described(broken, **DESCRIPTIONS[sentence])).startswith(sentence)


def test_a_description_that_is_none_is_one_sentence(broken):
    (broken / "config.json").write_text("{")
    assert refused(str(broken)).startswith("config.json of broken cannot be read")
    (broken / "config.json").write_text("[]")
    assert refused(str(broken)) == "config.json of broken does not describe a model"


def test_code_that_comes_with_a_model_is_not_run(broken):
    (broken / "modeling.py").write_text("raise SystemExit('run')")
    own = {"AutoConfig": "modeling.C", "AutoModelForCausalLM": "modeling.M", "AutoTokenizer": ["modeling.T", "modeling.T"]}
    described(broken, auto_map=own)
    assert type(llm.load(llm.place_of(str(broken))).network).__name__ == "GPT2LMHeadModel"


def test_pickled_weights_are_refused_and_never_opened(broken):
    (broken / "model.safetensors").unlink()
    (broken / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    assert refused(str(broken)) == ("broken has its weights as pytorch_model.bin, which could run code when it is opened; "
                                    "save them as safetensors first")
    (broken / "pytorch_model.bin").unlink()
    assert refused(str(broken)) == "broken has no weights: there is no model.safetensors"


def test_an_adapter_is_not_a_model(broken):
    (broken / "adapter_config.json").write_text("{}")
    assert "holds an adapter of PEFT" in refused(str(broken))


def test_weights_that_are_damaged_or_not_complete_are_one_sentence(broken):
    weights = load_file(broken / "model.safetensors")
    rest = {name: value for name, value in weights.items() if "h.1.attn.c_proj" not in name}
    save_file(rest, broken / "model.safetensors", {"format": "pt"})
    assert refused(str(broken)).startswith("the weights of broken are not complete: 2 tensors are missing, such as transformer.h.1.attn")
    (broken / "model.safetensors").write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00nonsense")
    assert refused(str(broken)).startswith("the weights of broken cannot be loaded")


def test_a_model_without_a_fast_tokenizer_is_one_sentence(broken):
    for path in broken.glob("*token*"):
        path.unlink()
    assert "no fast tokenizer" in refused(str(broken))


def test_a_tokenizer_of_another_model_is_one_sentence(broken):
    said = json.loads((broken / "tokenizer.json").read_text())
    said["model"]["vocab"]["zebra"] = 50
    (broken / "tokenizer.json").write_text(json.dumps(said))
    assert refused(str(broken)) == "the tokenizer of broken has 51 tokens and the model 40; they do not belong together"


SETTINGS = {
    "length is 0; it must be a whole number between 1 and 64": {"length": 0},
    "length is 3.5; it must be a whole number between 1 and 64": {"length": 3.5},
    "steps is 1000000000; it must be a whole number between 1 and 5,000": {"steps": 10**9},
    "learning rate is nan; it must be a number between more than 0 and 1": {"learning_rate": float("nan")},
    "method is LoRA; it must be SoftPT or PrefixPT": {"method": "LoRA"},
    "lenght is not a setting; there are method, length, steps, batch, window, learning_rate, seed": {"lenght": 3},
}


@pytest.mark.parametrize("sentence", SETTINGS)
def test_a_setting_that_cannot_be_says_what_is_allowed(sentence):
    with pytest.raises(llm.Refused) as caught:
        llm.Tuning.of(**SETTINGS[sentence])
    assert str(caught.value) == sentence


TEXTS = {
    "the text is empty; give at least a few sentences": b" \n",
    "the text has 10.5 MB; at most 10 MB are read": b"a" * 10_500_000,
    "the text is not UTF-8 (byte 4 is 0xff); save it as UTF-8": b"abc\xff",
}


@pytest.mark.parametrize("sentence", TEXTS)
def test_a_file_that_is_no_text_is_one_sentence(sentence):
    with pytest.raises(llm.Refused) as caught:
        llm.text_of(TEXTS[sentence])
    assert str(caught.value) == sentence


def test_a_text_that_is_too_short_says_how_long_it_must_be(models):
    with pytest.raises(llm.Refused, match="it has 3 tokens, and examples of 16 need at least 32, one to learn from and one to judge by"):
        llm.examples(models["gpt2"], "anna eats milk", 16)


def test_a_prompt_that_leaves_no_room_is_one_sentence(models):
    with pytest.raises(llm.Refused, match="prompt and example have 140 tokens; gpt2 reads at most 128"):
        tuner_of(models["gpt2"], "SoftPT", length=12, window=128)


def test_a_step_that_needs_too_much_is_refused(models, monkeypatch):
    monkeypatch.setattr("tutor.llm.tuning.free", lambda: 1000)
    with pytest.raises(llm.Refused, match="a step with batch 4 and window 16 needs about"):
        tuner_of(models["gpt2"], "SoftPT")


def test_a_start_that_is_no_number_is_one_sentence(models):
    how = llm.Tuning.of(**QUICK)
    with pytest.raises(llm.Refused, match="not finite"):
        llm.Tuner(models["gpt2"], llm.examples(models["gpt2"], TEXT, 16), how, torch.full((4, 32), float("inf")))


def test_the_tiny_models_are_what_they_claim():
    assert CONFIGS["llama"].num_key_value_heads < CONFIGS["llama"].num_attention_heads
