"""A file from the visitor's disk: sent, diagnosed, refused in a sentence, and seen by nobody else."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tutor.analysis.evidence_file import pack_evidence
from tutor.measure.synthetic_evidence import CASES
from tutor.runs.io.formats import pack_arrays


@pytest.fixture
def section(page, gallery):
    page.goto(f"{gallery}?show=diagnosed")
    expect(page.get_by_role("heading", name="It retrieves in part")).to_be_visible()
    expect(page.locator(".pt-stage")).to_have_count(3)
    return page


def send(page, data: bytes, name: str = "mine.npz") -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    page.locator("input[type=file]").set_input_files(file)


def test_a_file_is_diagnosed_and_a_bad_one_answered(section):
    send(section, pack_evidence(CASES["a constant"].evidence(200)))
    expect(section.get_by_role("heading", name="A soft prompt in disguise")).to_be_visible()
    expect(section.locator(".pt-stage")).to_have_count(3)
    send(section, pack_arrays({"no_context": np.ones(40)}))
    expect(section.get_by_role("alert")).to_contain_text("The array pipeline and contexts is missing")
    expect(section.locator(".pt-stage")).to_have_count(0)


def test_a_file_larger_than_a_megabyte_arrives_whole(section):
    send(section, pack_evidence(CASES["retrieves"].evidence(8_000)))
    expect(section.get_by_role("heading", name=re.compile("It retrieves$"))).to_be_visible()
    expect(section.get_by_text("Over 8,000 examples")).to_be_visible()


def test_the_example_comes_back_as_it_went(section, tmp_path):
    with section.expect_download() as waiting:
        section.get_by_role("button", name="Example file (NPZ)").click()
    waiting.value.save_as(tmp_path / "example.npz")
    send(section, (tmp_path / "example.npz").read_bytes(), "example.npz")
    expect(section.get_by_text("This is your file.")).to_be_visible()
    expect(section.get_by_role("heading", name="It retrieves in part")).to_be_visible()
