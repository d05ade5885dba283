// What a page holds of a network: of looks that wait only the last is taken, and whatever fails is said in a sentence.

import assert from "node:assert";
import test from "node:test";

import { readCoin, readDetail, readTuning, readVectors } from "../../tutor/ui/network/requests.js";

class Thread {
  constructor() { this.asked = []; Thread.last = this; }
  postMessage(message) { this.asked.push(message); }
  terminate() { this.ended = true; }
  answer(index, answer) { this.onmessage({ data: { id: this.asked[index].id, ...answer } }); }
}
globalThis.Worker = Thread;
globalThis.document = { baseURI: "http://page/" };
const { NetworkClient } = await import("../../tutor/ui/network/client.js");
const settled = () => new Promise((go) => setTimeout(go));

async function opened() {
  const client = new NetworkClient("/networks/a.bin"), thread = Thread.last;
  thread.answer(0, { done: { key: "a" } });
  assert.deepStrictEqual([await client.ready, thread.asked[0].address], [{ key: "a" }, "http://page/networks/a.bin"]);
  return { client, thread };
}

test("of looks that wait only the last is taken, and the others are answered with null", async () => {
  const { client, thread } = await opened();
  const looks = [0.1, 0.2, 0.3].map((coin) => client.look({ rows: [], coin }));
  await settled();
  assert.deepStrictEqual(await Promise.all(looks.slice(0, 2)), [null, null]);
  assert.deepStrictEqual(thread.asked.slice(1).map(({ what, coin }) => [what, coin]), [["look", 0.3]]);
  const late = client.look({ rows: [], coin: 0.4 });
  thread.answer(1, { done: "third" });
  assert.strictEqual(await looks[2], "third");
  await settled();
  thread.answer(2, { done: "fourth" });
  assert.strictEqual(await late, "fourth");
});

test("a look that is refused does not stop the next one", async () => {
  const { client, thread } = await opened(), wrong = client.look({ rows: [], coin: 2 });
  await settled();
  thread.answer(1, { failed: "The coin is wrong." });
  await assert.rejects(wrong, /^Error: The coin is wrong\.$/);
  client.look({ rows: [], coin: 0.2 });
  await settled();
  assert.strictEqual(thread.asked.length, 3);
});

test("a tuning shows its steps, can be stopped, and ends with a look", async () => {
  const { client, thread } = await opened(), shown = [];
  const tuning = client.tune({ rows: [[1, 0]], coin: 0.2 }, (look) => shown.push(look.step));
  await settled();
  thread.answer(1, { step: { step: 3 } });
  tuning.stop();
  assert.deepStrictEqual([thread.asked[2].what, thread.asked[2].which, shown], ["stop", thread.asked[1].id, [3]]);
  thread.answer(1, { done: { steps: 4 } });
  assert.deepStrictEqual(await tuning.done, { steps: 4 });
});

test("where the network is not there, everybody is told why", async () => {
  const client = new NetworkClient("/networks/a.bin"), look = client.look({ rows: [], coin: 0.2 });
  Thread.last.answer(0, { failed: "There is no run a." });
  await assert.rejects(client.ready, /There is no run a\./);
  await assert.rejects(look, /There is no run a\./);
  await assert.rejects(client.tune({ rows: [[1, 0]], coin: 0.2 }).done, /There is no run a\./);
});

test("a client that is closed ends its thread, and answers whoever waits or still asks", async () => {
  const { client, thread } = await opened(), look = client.look({ rows: [], coin: 0.2 });
  await settled();
  client.close();
  await assert.rejects(look, /The network was closed\./);
  await assert.rejects(client.look({ rows: [], coin: 0.2 }), /The network was closed\./);
  assert.ok(thread.ended);
});

test("what a page asks is checked", () => {
  const tensors = { "embed.weight": Float32Array.of(1, 2, 3, 4), "embed.bias": Float32Array.of(0.5, 0) };
  assert.deepStrictEqual(readVectors({ rows: [[1, 0.5]] }, tensors, 2), [Float32Array.of(2.5, 5)]);
  assert.deepStrictEqual(readVectors({ vectors: [[1, 2]] }, tensors, 2), [Float32Array.of(1, 2)]);
  for (const wrong of [{}, { rows: 3 }, { rows: [[1]] }, { rows: [[1, NaN]] }, { rows: [["a", 0]] }, { vectors: [[1, 2, 3]] },
    { vectors: [[1, Infinity]] }, { rows: new Array(65).fill([0, 0]) }]) assert.throws(() => readVectors(wrong, tensors, 2), /\.$/);
  for (const coin of [undefined, NaN, -0.1, 1.1, "x"]) assert.throws(() => readCoin({ coin }), /between 0 and 1\.$/);
  assert.throws(() => readDetail({ detail: "some" }), /"drag" or "release"\.$/);
  assert.deepStrictEqual(readTuning({}, { steps: 250, batch: 4 }), { recipe: { steps: 250, batch: 4 }, seed: 0 });
  for (const wrong of [{ steps: 0 }, { steps: 1.5 }, { steps: 1e9 }, { seed: 0.5 }]) {
    assert.throws(() => readTuning(wrong, { steps: 250 }), /\.$/);
  }
});
