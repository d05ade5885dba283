// Networks in the browser's code say what the product says of them: small random ones, written by tests/page_networks.py.

import assert from "node:assert";
import { readFileSync } from "node:fs";
import test from "node:test";

import { Adam } from "../../tutor/ui/network/adam.js";
import { Tuning } from "../../tutor/ui/network/tuning.js";
import { buildNetwork } from "../../tutor/ui/network/networks.js";
import { apart, differences, freshKernels, openNetwork } from "./comparing.js";

const { networks, adam } = JSON.parse(readFileSync(new URL("./networks.json", import.meta.url), "utf8"));
const CLOSE = { heads: 2e-6, states: 1e-5, worth: 1e-3, unexplained: 1e-5, regret: 5e-5, gradient: 1e-5, path: 1e-6 };
const opened = networks.map(({ file }) => openNetwork(Buffer.from(file, "base64")));
const embedded = (network, flips) => flips.map(() => Float32Array.from({ length: network.embedding }, (_, i) => Math.sin(i)));

for (const [i, { name, prompts }] of networks.entries()) {
  for (const said of prompts) {
    test(`${name} behind ${said.rows.length} vectors says of coin ${said.coin} what the product says`, () => {
      for (const [what, difference] of Object.entries(differences(opened[i], said))) {
        assert.ok(difference <= CLOSE[what], `${what} differs by ${difference}`);
      }
    });
  }
}

test("a difference would be seen", () => {
  const said = structuredClone(networks[0].prompts[0]);
  said.rows[0][0] += 0.01;
  const { heads, states, gradient } = differences(opened[0], said);
  assert.ok(heads > CLOSE.heads && states > CLOSE.states && gradient > CLOSE.gradient);
});

test("a network that does not run in the page is refused in a sentence", () => {
  const { header, tensors } = opened[0];
  assert.throws(() => buildNetwork({ ...header, layers: 2 }, tensors, freshKernels()), /A lstm of 2 layers does not run in the page\./);
  assert.throws(() => buildNetwork({ ...header, kind: "other" }, tensors, freshKernels()), /does not run in the page/);
});

test("the optimiser takes torch's steps", () => {
  const vectors = adam.start.map((row) => Float32Array.from(row)), mine = new Adam(adam.recipe, vectors);
  adam.gradients.forEach((gradients, step) => {
    mine.step(gradients.map((row) => Float32Array.from(row)));
    assert.ok(apart(vectors, adam.after[step]) < 1e-6, `step ${step}`);
  });
});

for (const { header, network, looks } of opened) {
  test(`tuning a ${header.kind} of embedding ${network.embedding} lowers its regret and leaves its start alone`, () => {
    const start = embedded(network, [0, 1]), before = looks.look(start, 0.2, "release").regret;
    const tuning = new Tuning(network, { ...header.recipe, steps: 40 }, start, 0.2, 0);
    while (!tuning.done) tuning.advance();
    assert.strictEqual(tuning.step, 40);
    assert.deepStrictEqual(start, embedded(network, [0, 1]));
    assert.ok(looks.look(tuning.vectors, 0.2, "release").regret < before - 2);
  });
}

test("the same seed tunes to the same prompt, another to another", () => {
  const { header, network } = opened[0];
  const [one, again, other] = [1, 1, 2].map((seed) => {
    const tuning = new Tuning(network, header.recipe, embedded(network, [0]), 0.3, seed);
    for (let step = 0; step < 5; step++) tuning.advance();
    return tuning.vectors;
  });
  assert.deepStrictEqual(one, again);
  assert.notDeepStrictEqual(one, other);
});

test("a look while dragging shows the same path and reading as one on release", () => {
  const { network, looks } = opened[1], vectors = embedded(network, [0, 1]);
  const [drag, release] = ["drag", "release"].map((detail) => looks.look(vectors, 0.2, detail));
  assert.ok(apart(drag.path, release.path) < 1e-6 && apart(drag.reading, release.reading) < 1e-4);
  assert.deepStrictEqual([drag.path.length, drag.reading.length, drag.states.reading.length], [3, 50, 50]);
  assert.strictEqual(looks.look(vectors, 0.2, "drag").without, release.without);
});
