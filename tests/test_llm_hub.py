"""Models of the hub, which stands on this machine here: described first, brought without code, and what is said when it fails."""

import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch
from own_models import refused

from tutor import llm
from tutor.llm import places


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
    assert "model.safetensors" not in hub and "model.safetensors" in place.files()
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
