// How far the browser's networks are from what the product says of the same prompts; networks come as bytes of their files.
// `node comparing.js FILE PROMPTS` prints the differences for a network's file and prompts as tests/page_networks.py describes them.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { Kernels } from "../../tutor/ui/network/kernels.js";
import { Looks } from "../../tutor/ui/network/looks.js";
import { parseNetwork } from "../../tutor/ui/network/network_file.js";
import { buildNetwork } from "../../tutor/ui/network/networks.js";
import { readVectors } from "../../tutor/ui/network/requests.js";
import { Tree } from "../../tutor/ui/network/tree.js";

const KERNELS = readFileSync(new URL("../../tutor/ui/network/kernels.wasm", import.meta.url));

export const freshKernels = () => new Kernels(KERNELS);

/** @param {Uint8Array} file */
export function openNetwork(file) {
  const { header, tensors } = parseNetwork(new Uint8Array(file).buffer), network = buildNetwork(header, tensors, freshKernels());
  return { header, tensors, network, looks: new Looks(network, header, tensors) };
}

/** The largest absolute difference between two nested lists of numbers of the same shape. */
export function apart(mine, theirs) {
  if (typeof theirs === "number") return Number.isFinite(mine) ? Math.abs(mine - theirs) : Infinity;
  if (mine.length !== theirs.length) return Infinity;
  return Math.max(0, ...Array.from(theirs, (one, i) => apart(mine[i], one)));
}

/** Differences in predictions, states, worth (relative), unexplained part, regret, and gradient (relative). */
export function differences({ header, tensors, network, looks }, said) {
  const vectors = readVectors({ rows: said.rows }, tensors, network.embedding), look = looks.look(vectors, said.coin, "release");
  const tree = new Tree(vectors.length), nodes = said.flips.map((flips) => tree.read(tree.root, flips.slice(0, -1)));
  const levels = tree.levels(), weights = new Float64Array(levels.size);
  const places = nodes.map((row) => row.map((node) => levels.place[node])), each = places.flat();
  for (const place of each) weights[place] += 1 / each.length;
  const { heads, states } = network.read(vectors, levels);
  const predicted = places.map((row) => row.map((place) => heads[place]));
  const shown = places.map((row) => [...levels.trunk.slice(0, -1), ...row].map((place) => looks.project(states, place)));
  const gradient = vectors.length ? network.gradient(vectors, levels, weights, said.coin) : [];
  const counts = [look.worth.heads + header.prior[0], look.worth.tails + header.prior[1]];
  return {
    heads: apart(predicted, said.heads), states: apart(shown, said.states),
    worth: apart(counts.map((count, side) => count / said.counts[side]), [1, 1]),
    unexplained: apart(look.worth.unexplained, said.unexplained), regret: apart(look.regret, said.regret),
    gradient: apart(gradient, said.gradient) / Math.max(...said.gradient.flat().map(Math.abs), 1e-12),
    path: apart(look.path[vectors.length][0], said.heads[0][0]),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const opened = openNetwork(readFileSync(process.argv[2])), prompts = JSON.parse(readFileSync(process.argv[3], "utf8"));
  console.log(JSON.stringify(prompts.map((said) => differences(opened, said))));
}
