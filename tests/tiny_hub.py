"""A hub of models on this machine, with the one model `me/tiny`; a test says with a fixture `files` what the model holds."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@pytest.fixture
def sums():
    """Checksums that the hub says instead of the true ones, by the name of the file."""
    return {}


def describe_file(name: str, data: bytes, sums: dict[str, str]) -> dict:
    """What the hub says of a file: its size, and of weights a checksum."""
    sha = sums.get(name, hashlib.sha256(data).hexdigest())
    large = {"lfs": {"size": len(data), "sha256": sha, "pointerSize": 134}} if name.endswith(".safetensors") else {}
    return {"rfilename": name, "size": len(data)} | large


@pytest.fixture
def hub(monkeypatch, tmp_path, files, sums):
    """A hub on this machine that has one model, `me/tiny`. Holds the paths asked for."""
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
                told = {"id": "me/tiny", "sha": sha, "siblings": [describe_file(name, data, sums) for name, data in files.items()]}
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
