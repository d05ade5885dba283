"""Forms made from specifications: what is wrong is one sentence, and a link carries what was chosen."""

import re

from playwright.sync_api import expect


def visit(page, gallery, query=""):
    page.goto(f"{gallery}?show=asking{query}")
    expect(page.get_by_text("Method: ")).to_be_visible()


def test_a_link_carries_the_settings(page, gallery):
    visit(page, gallery, "&ask_source=My+own&ask_source_kind=Mixture&ask_source_kind_mixture_probs=0.3,0.7;0.6,0.4&ask_body_lstm_width=32")
    expect(page.get_by_text("Source: Two coins 0.3 / 0.6")).to_be_visible()
    expect(page.get_by_text("Network: 32 wide")).to_be_visible()


def test_what_is_typed_appears_in_the_address(page, gallery):
    visit(page, gallery)
    width = page.get_by_role("spinbutton", name="width")
    width.fill("64")
    width.press("Enter")
    expect(page.get_by_text("Network: 64 wide")).to_be_visible()
    expect(page).to_have_url(re.compile("ask_body_lstm_width=64"))


def test_a_field_that_is_left_empty_follows_its_own_rule(page, gallery):
    visit(page, gallery, "&ask_body_lstm_width=32")
    expect(page.get_by_text("Network: 32 wide, embedding 32")).to_be_visible()
    visit(page, gallery, "&ask_body_lstm_width=32&ask_body_lstm_embedding=4")
    expect(page.get_by_text("Network: 32 wide, embedding 4")).to_be_visible()


def test_weights_that_do_not_sum_to_one_are_answered_in_a_sentence(page, gallery):
    visit(page, gallery, "&ask_source=My+own&ask_source_kind=Mixture&ask_source_kind_mixture_weights=0.5,0.6")
    expect(page.get_by_role("alert").get_by_text("sums to 1.1; it must sum to 1.")).to_be_visible()
    expect(page.get_by_text("Source: none")).to_be_visible()


def test_a_bias_above_one_is_answered_in_a_sentence(page, gallery):
    visit(page, gallery, "&ask_source=My+own&ask_source_kind_categorical_probs=1.5,-0.5")
    expect(page.get_by_role("alert").get_by_text("1.5; every probability must lie between 0 and 1.")).to_be_visible()


def test_text_where_numbers_belong_is_answered_with_an_example(page, gallery):
    visit(page, gallery, "&ask_source=My+own&ask_source_kind_categorical_probs=%3Cb%3Eheads%3C/b%3E")
    expect(page.get_by_role("alert").get_by_text("write numbers with commas between them, like 0.2, 0.8.")).to_be_visible()


def test_heads_that_do_not_divide_the_width_are_answered_in_a_sentence(page, gallery):
    visit(page, gallery, "&ask_body=Transformer&ask_body_transformer_width=126")
    expect(page.get_by_role("alert").get_by_text("the width must be divisible by the heads.")).to_be_visible()


def test_nonsense_in_the_address_reads_as_the_defaults(page, gallery):
    visit(page, gallery, "&ask_source=42&ask_body=%00&ask_body_lstm_width=1e99&ask_body_lstm_layers=-1&ask_method=__import__")
    expect(page.get_by_text("Source: Random coins")).to_be_visible()
    expect(page.get_by_text("Network: 128 wide")).to_be_visible()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def test_a_field_that_does_not_apply_to_the_network_is_not_asked_for(page, gallery):
    visit(page, gallery, "&ask_method=PrefixPT&ask_body=Transformer")
    expect(page.get_by_role("spinbutton", name="length")).to_have_count(1)
    visit(page, gallery, "&ask_method=PrefixPT&ask_body=LSTM")
    expect(page.get_by_role("spinbutton", name="length")).to_have_count(0)
