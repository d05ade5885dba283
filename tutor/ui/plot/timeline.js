// One slider for all pictures of a page: the moments of pretraining and then of tuning, whatever of them the pictures have.

import { Dock } from "./dock.js";
import { Group } from "./group.js";
import { Scrubber } from "./scrubber.js";
import { styled } from "./theme.js";

const timelines = new WeakMap();

export function mount(component) {
  const host = component.parentElement;
  const timeline = timelines.get(host) ?? new Timeline(host);
  timelines.set(host, timeline);
  timeline.update(component.data);
  return () => { timelines.delete(host); timeline.destroy(); };
}

class Timeline {
  constructor(host) {
    styled();
    this.leaving = new AbortController();
    this.group = new Group(this.leaving.signal);
    this.offers = new Map();     // what each picture of the group has
    this.scrubber = new Scrubber((at) => this.tell(at), (at) => this.words(at));
    this.root = document.createElement("div");
    this.root.className = "pt-picture pt-timeline";
    this.root.append(this.scrubber.element);
    this.place = document.createElement("div");
    this.place.append(this.root);
    host.append(this.place);
    this.dock = new Dock(this.place, this.root);
    this.group.on("moments", ({ from, moments, stage }) => this.hear(from, moments, stage));
    this.group.on("frame", ({ moment }) => this.follow(moment));
    this.group.on("nudge", ({ by }) => this.scrubber.move(by));
  }

  update({ link, phases }) {
    this.phases = phases;
    this.scrubber.label(`${phases.join(" and ")} step`);
    if (this.group.link === link) return;
    this.group.join(link);
    this.offers.clear();
    this.dock.follow(new Set());
    this.group.tell("moments?");
  }

  hear(from, offered, stage) {
    if (offered.length) this.offers.set(from, { offered, stage });
    else this.offers.delete(from);
    const offers = [...this.offers.values()];
    const all = new Map(offers.flatMap((offer) => offer.offered).map((moment) => [moment.join(), moment]));
    const moments = [...all.values()].sort(([a, b], [c, d]) => a - c || b - d);
    const following = this.scrubber.take(moments);
    this.scrubber.element.hidden = moments.length < 2;
    this.dock.follow(new Set(moments.length < 2 ? [] : offers.map((offer) => offer.stage)));
    if (moments.length < 2) return;
    const tuning = moments.findIndex(([phase]) => phase > 0);
    this.scrubber.mark(tuning > 0 ? tuning : null, `${this.phases[1]} starts`);
    if (!following) this.tell(this.scrubber.at);       // a picture that came later catches up
  }

  tell(at) { this.group.tell("frame", { moment: this.scrubber.moments[at] }); }

  follow(moment) {
    this.scrubber.stop();
    this.scrubber.put(this.scrubber.nearest(moment));
  }

  words(at) {
    const [phase, step] = this.scrubber.moments[at] ?? [0, 0];
    return `${this.phases[phase]}, step ${step.toLocaleString("en")}`;
  }

  destroy() {
    this.scrubber.stop();
    this.leaving.abort();
    this.dock.destroy();
    this.place.remove();
  }
}
