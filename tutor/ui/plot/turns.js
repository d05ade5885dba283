// Pictures that change together are drawn one after another, what is on the screen first, each in a frame of its own: nobody waits
// for a picture that nobody sees.

import { painted } from "./loader.js";

const waiting = [];
let under_way = false;

/** Do `work` when its turn has come; of all that wait, those go first of which `urgent()` holds. Resolves to what it returns. */
export function inTurn(urgent, work) {
  return new Promise((done, failed) => {
    waiting.push({ urgent, work, done, failed });
    if (!under_way) goThrough();
  });
}

async function goThrough() {
  under_way = true;
  await new Promise((go) => setTimeout(go));      // all that change together are there by then
  for (let seen = false; waiting.length; seen = true) {
    if (seen) await painted();
    const first = waiting.findIndex(({ urgent }) => urgent());
    const [{ work, done, failed }] = waiting.splice(Math.max(0, first), 1);
    try { done(await work()); } catch (reason) { failed(reason); }
  }
  under_way = false;
}
