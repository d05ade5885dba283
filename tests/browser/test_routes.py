"""What the server answers beside pages: events by byte offset, files that may be kept, and a policy that lets nothing else in."""

import gzip
import io
import json
import re
import urllib.error
import urllib.request
import zipfile
from urllib.parse import quote

import pytest

from tutor import Evaluation, Recipe, RunSpec, RunStore, predictors, pretrain, sources
from tutor.ui.network.network_addresses import NETWORK, film_address, network_address
from tutor.ui.plot import plot_files
from tutor.ui.shell import browser_modules


def ask(address, **headers):
    """Status, headers and body of an address, errors included."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


@pytest.fixture(scope="module")
def run(store_root):
    """A queued run of the gallery's store, with two whole events and one that is torn."""
    folder = RunStore(store_root).create(RunSpec(source=sources.Mixture(), body=predictors.LSTM(width=8), recipe=Recipe.fast()))
    folder.file("events.jsonl").write_bytes(b'{"step": 0}\n{"step": 1}\n{"step"')
    return folder


def test_events_are_read_to_the_last_whole_line(gallery, run):
    status, headers, body = ask(f"{gallery}/api/runs/{run.key}/events?from=0")
    assert (status, body) == (200, b'{"step": 0}\n{"step": 1}\n')
    assert (headers["X-Next"], headers["X-State"], headers["Cache-Control"]) == (str(len(body)), "queued", "no-store")


def test_events_go_on_where_the_last_answer_ended(gallery, run):
    _, headers, body = ask(f"{gallery}/api/runs/{run.key}/events?from=12")
    assert (body, headers["X-Next"]) == (b'{"step": 1}\n', "24")
    _, headers, body = ask(f"{gallery}/api/runs/{run.key}/events?from=24")
    assert (body, headers["X-Next"]) == (b"", "24")


def test_a_reader_who_is_further_than_the_file_starts_again(gallery, run):
    _, headers, body = ask(f"{gallery}/api/runs/{run.key}/events?from=9000")
    assert headers["X-Restart"] == "1"
    assert body.startswith(b'{"step": 0}')


@pytest.mark.parametrize("key", ["xyz", "0123456789ABCDEF", "..%2F..%2Fetc", "0" * 5000, "%00"])
@pytest.mark.parametrize("what", ["events", "export.zip"])
def test_what_is_no_key_is_answered_in_a_sentence(gallery, key, what):
    status, _, body = ask(f"{gallery}/api/runs/{key}/{what}")
    assert status in (400, 404)
    assert b"Traceback" not in body and len(body) < 20_000


@pytest.mark.parametrize("offset", ["-1", "1e3", "½", "9" * 40, "abc", ""])
def test_an_offset_that_is_no_number_is_refused(gallery, run, offset):
    status, _, body = ask(f"{gallery}/api/runs/{run.key}/events?from={quote(offset)}")
    assert (status, body) == (400, b"from must be a byte offset, a whole number that is not negative.")


def test_plotly_arrives_compressed_and_may_be_kept_for_good(gallery):
    status, headers, body = ask(gallery + plot_files.plotly_address(), **{"Accept-Encoding": "gzip"})
    assert status == 200
    assert "immutable" in headers["Cache-Control"]
    assert b"plotly.js v" in gzip.decompress(body)[:200]


@pytest.mark.parametrize(("page", "folders", "first"), [
    ("", {"experiment", "network"}, [network_address(NETWORK), film_address(NETWORK)]),
    ("regret", {"plot"}, [plot_files.plotly_address()]),
])
def test_a_page_announces_what_its_first_picture_needs_and_nothing_else(gallery, page, folders, first):
    announced = ask(f"{gallery}/{page}")[1]["Link"]
    assert all(f"<{address}>; rel=preload" in announced for address in first)
    modules = {name for name in browser_modules.list_modules() if name.endswith(".js")}
    assert {name for name in modules if f"/{name}>; rel=modulepreload" in announced} == {
        name for name in modules if name.split("/")[0] in folders}


def test_what_is_announced_is_there(gallery):
    links = ", ".join(ask(f"{gallery}/{page}")[1]["Link"] for page in ("", "regret"))
    assert {ask(gallery + address)[0] for address in re.findall("<(.*?)>", links)} == {200}


def test_every_answer_forbids_what_no_page_needs(gallery):
    for address in ("/", "/api/health", "/nowhere", "/static/nothing.js"):
        _, headers, _ = ask(gallery + address)
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "unsafe-eval" not in policy and "http:" not in policy and "https:" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_health_says_that_there_is_no_engine(gallery):
    status, _, body = ask(f"{gallery}/api/health")
    assert status == 200
    assert json.loads(body)["engine"] == "none"


def test_a_finished_run_leaves_as_a_zip(gallery, store_root):
    spec = RunSpec(source=sources.Categorical(), body=predictors.LSTM(width=4), recipe=Recipe(steps=2, batch=2, length=4),
                   evaluation=Evaluation(length=4, sequences=16))
    key = pretrain(spec, RunStore(store_root)).key
    status, headers, body = ask(f"{gallery}/api/runs/{key}/export.zip")
    assert status == 200
    assert headers["Content-Disposition"] == f'attachment; filename="prompt-tutor-{key}.zip"'
    assert any(name.endswith("spec.json") for name in zipfile.ZipFile(io.BytesIO(body)).namelist())


def test_a_damaged_run_does_not_leave_and_says_why(gallery, run):
    status, _, body = ask(f"{gallery}/api/runs/{run.key}/export.zip")
    assert status == 404
    assert run.key in body.decode() and body.endswith(b".")
