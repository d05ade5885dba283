// A network in the page: its own thread computes, this is what a page holds of it.

/** @typedef {import("./looks.js").Look} Look */
/**
 * A prompt, either as amounts of heads and tails or as vectors, and the coin (probability of heads) that it is for.
 * @typedef {{rows?: number[][], vectors?: Float32Array[], coin: number}} Prompt
 */

export class NetworkClient {
  /** @param {string} address of the network's file */
  constructor(address) {
    this.worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    /** @type {Map<number, {done: (value: any) => void, failed: (reason: Error) => void, onStep?: (look: any) => void}>} */
    this.waiting = new Map();
    this.asked = 0;
    this.ended = "";
    /** @type {{request: object, done: (look: any) => void, failed: (reason: Error) => void} | null} */
    this.next = null;
    this.looking = false;
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = () => this.fail("The network could not be started in this browser.");
    /** @type {Promise<{key: string, kind: string, label: string, width: number, layers: number}>} */
    this.ready = this.ask({ what: "open", address: new URL(address, document.baseURI).href });
    this.ready.catch((reason) => this.fail(reason.message));
  }

  /**
   * Look at a prompt. A newer call supersedes an older one that has not begun, which then resolves to null.
   * @param {Prompt & {detail?: "drag" | "release"}} request "drag" judges with few sequences, "release" as the server does
   * @returns {Promise<Look | null>}
   */
  look(request) {
    return new Promise((done, failed) => {
      this.next?.done(null);
      this.next = { request, done, failed };
      this.lookNext();
    });
  }

  async lookNext() {
    if (this.looking || !this.next) return;
    this.looking = true;
    const asked = await this.ready.then(() => this.take(), (reason) => this.take()?.failed(reason));
    if (asked) await this.ask({ what: "look", ...asked.request }).then(asked.done, asked.failed);
    this.looking = false;
    this.lookNext();
  }

  /** The look that is to be taken next. */
  take() {
    const next = this.next;
    this.next = null;
    return next;
  }

  /**
   * Tune a prompt to a coin.
   * @param {Prompt & {steps?: number, seed?: number}} request steps: those of the server's recipe where not given
   * @param {(look: Look & {step: number}) => void} [onStep] called about 20 times a second
   * @returns {{done: Promise<Look & {steps: number}>, stop: () => void}}
   */
  tune(request, onStep) {
    const id = ++this.asked;
    const done = this.ready.then(() => this.ask({ what: "tune", ...request }, onStep, id));
    return { done, stop: () => this.worker.postMessage({ id: ++this.asked, what: "stop", which: id }) };
  }

  /** End the network's thread; whoever still waits is told so. */
  close() {
    this.worker.terminate();
    this.fail("The network was closed.");
  }

  /** @returns {Promise<any>} */
  ask(message, onStep = undefined, id = ++this.asked) {
    return new Promise((done, failed) => {
      if (this.ended) return failed(new Error(this.ended));
      this.waiting.set(id, { done, failed, onStep });
      this.worker.postMessage({ id, ...message });
    });
  }

  hear({ id, step, done, failed }) {
    const waiting = this.waiting.get(id);
    if (step) return waiting?.onStep?.(step);
    this.waiting.delete(id);
    if (failed === undefined) waiting?.done(done);
    else waiting?.failed(new Error(failed));
  }

  /** Nothing more will be answered: say why to all who wait, and to all who ask from now on. */
  fail(sentence) {
    this.ended ||= sentence;
    for (const { failed } of this.waiting.values()) failed(new Error(sentence));
    this.waiting.clear();
    this.next?.failed(new Error(sentence));
    this.next = null;
  }
}
