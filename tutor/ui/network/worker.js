// The network's own thread: it fetches the network, and answers what the page asks through client.js.

import { Kernels } from "./kernels.js";
import { Looks } from "./looks.js";
import { parseNetwork } from "./network_file.js";
import { buildNetwork } from "./networks.js";
import { readCoin, readDetail, readTuning, readVectors } from "./requests.js";
import { Tuning } from "./tuning.js";

const SHOWN_EVERY = 40;      // ms between two looks at a tuning
const SLICE = 12;            // ms of work between two glances at the messages

/** @type {{header: import("./network_file.js").Header, tensors: Record<string, Float32Array>, network: any, looks: Looks}} */
let opened;
const stopped = new Set();

const ANSWERS = {
  async open({ address }) {
    const [file, kernels] = await Promise.all([address, new URL("./kernels.wasm", import.meta.url)].map(fetchBytes));
    const { header, tensors } = parseNetwork(file), network = buildNetwork(header, tensors, new Kernels(kernels));
    opened = { header, tensors, network, looks: new Looks(network, header, tensors) };
    const { key, kind, label, width, layers } = header;
    return { key, kind, label, width, layers };
  },
  async look(request) {
    const { tensors, network, looks } = opened;
    return looks.look(readVectors(request, tensors, network.embedding), readCoin(request), readDetail(request));
  },
  async tune(request, id) {
    const { header, tensors, network, looks } = opened, coin = readCoin(request), { recipe, seed } = readTuning(request, header.recipe);
    const work = new Tuning(network, recipe, readVectors(request, tensors, network.embedding), coin, seed);
    try {
      await advance(work, id, () => postMessage({ id, step: { ...looks.look(work.vectors, coin, "drag"), step: work.step } }));
      return { ...looks.look(work.vectors, coin, "release"), steps: work.step };
    } finally {
      stopped.delete(id);
    }
  },
  async stop({ which }) {
    stopped.add(which);
  },
};

async function fetchBytes(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error((await answer.text()).slice(0, 300) || "The network's file could not be fetched.");
  return answer.arrayBuffer();
}

/** Tune to the end, or until somebody stops it; `show` is called now and then. */
async function advance(work, id, show) {
  let shown = -Infinity;
  while (!work.done && !stopped.has(id)) {
    const begun = performance.now();
    while (!work.done && performance.now() - begun < SLICE) work.advance();
    if (performance.now() - shown >= SHOWN_EVERY) {
      show();
      shown = performance.now();
    }
    await breath();
  }
}

const { port1, port2 } = new MessageChannel(), pausing = [];
port1.onmessage = () => pausing.shift()();

/** Let messages in: a timer would wait for four milliseconds. */
function breath() {
  return new Promise((go) => {
    pausing.push(go);
    port2.postMessage(null);
  });
}

onmessage = async ({ data: { id, what, ...request } }) => {
  try {
    postMessage({ id, done: await ANSWERS[what](request, id) });
  } catch (reason) {
    postMessage({ id, failed: String(reason.message ?? reason) });
  }
};
