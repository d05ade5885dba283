// One entry of the browser's history for each page and each step a visitor went to. Run by tests/test_javascript.py.

import assert from "node:assert";
import { readFileSync } from "node:fs";
import test from "node:test";
import { runInNewContext } from "node:vm";

const SOURCE = readFileSync(new URL("../../tutor/ui/server/history.js", import.meta.url), "utf8");

/** A browser at this address: what Streamlit does to it is `push`, what the visitor does is `act` and `back`. */
function browser(address) {
  const window = new EventTarget(), location = new URL(address, "http://here"), entries = [location.href];
  const go = (to) => { location.href = new URL(to, location.href).href; };
  const history = {
    state: null,
    pushState(state, title, to) { go(to); entries.push(location.href); },
    replaceState(state, title, to) { go(to); entries[entries.length - 1] = location.href; },
  };
  runInNewContext(SOURCE, { window, history, location, URL, URLSearchParams });
  return {
    push: (to) => history.pushState(null, "", to), act: () => window.dispatchEvent(new Event("click")),
    back() { entries.pop(); go(entries.at(-1)); window.dispatchEvent(new Event("popstate")); },
    entries: () => entries.map((entry) => entry.replace("http://here", "")),
  };
}

test("controls change the entry of their page, whoever moved them", () => {
  const { push, act, entries } = browser("/bayes");
  push("/bayes?coin=1");
  act();
  push("/bayes?coin=2");
  assert.deepStrictEqual(entries(), ["/bayes?coin=2"]);
});

test("a page that the visitor goes to is an entry of its own, and the one before stays as it was left", () => {
  const { push, act, entries } = browser("/bayes?coin=2");
  act();
  push("/bayes?regret_body=LSTM");                                     // Streamlit writes the next page's parameters first
  push("/regret?regret_body=LSTM");
  assert.deepStrictEqual(entries(), ["/bayes?coin=2", "/regret?regret_body=LSTM"]);
});

test("what a page writes when it opens makes no entry", () => {
  const { push, act, entries } = browser("/");
  act();
  push("/regret");
  push("/regret?pin=1");
  push("/regret?pin=2");
  assert.deepStrictEqual(entries(), ["/", "/regret?pin=2"]);
});

test("a lesson that begins on the page that lists it is an entry", () => {
  const { push, act, entries } = browser("/lessons");
  act();
  push("/lessons?lesson=ideal&lesson_step=1");
  assert.deepStrictEqual(entries(), ["/lessons", "/lessons?lesson=ideal&lesson_step=1"]);
});

test("a step of a lesson on the same page is an entry", () => {
  const { push, act, entries } = browser("/bayes?lesson=ideal&lesson_step=1");
  act();
  push("/bayes?lesson=ideal&lesson_step=2");
  act();
  push("/bayes");
  assert.deepStrictEqual(entries(), ["/bayes?lesson=ideal&lesson_step=1", "/bayes?lesson=ideal&lesson_step=2", "/bayes"]);
});

test("the end of a run that Back overtook leads nowhere", () => {
  const { push, act, back, entries } = browser("/bayes");
  act();
  push("/regret");
  back();
  push("/regret?late=1");
  assert.deepStrictEqual(entries(), ["/bayes"]);
  act();
  push("/tune");
  assert.deepStrictEqual(entries(), ["/bayes", "/tune"]);
});
