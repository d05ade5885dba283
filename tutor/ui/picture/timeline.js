// One slider for all pictures of a page: the moments of pretraining and then of tuning, whatever of them the pictures have.

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
    this.moments = [];
    this.scrubber = new Scrubber((at) => this.group.tell("frame", { moment: this.moments[at] }), (at) => this.words(at));
    this.root = document.createElement("div");
    this.root.className = "pt-picture pt-timeline";
    this.root.append(this.scrubber.element);
    host.append(this.root);
    this.group.on("moments", ({ from, moments }) => this.hear(from, moments));
    this.group.on("frame", ({ moment }) => this.follow(moment));
    this.group.on("nudge", ({ by }) => this.scrubber.move(by));
  }

  update({ link, phases }) {
    this.phases = phases;
    this.scrubber.label(`${phases.join(" and ")} step`);
    if (this.group.link === link) return;
    this.group.join(link);
    this.offers.clear();
    this.group.tell("moments?");
  }

  hear(from, moments) {
    if (moments.length) this.offers.set(from, moments);
    else this.offers.delete(from);
    const following = !this.moments.length || this.scrubber.at === this.scrubber.last;
    const shown = this.moments[this.scrubber.at];
    const all = new Map([...this.offers.values()].flat().map((moment) => [moment.join(), moment]));
    this.moments = [...all.values()].sort(([a, b], [c, d]) => a - c || b - d);
    const last = this.moments.length - 1;
    this.scrubber.element.hidden = last < 1;
    if (last < 1) return;
    this.scrubber.set(last, following ? last : this.nearest(shown));
    const tuning = this.moments.findIndex(([phase]) => phase > 0);
    this.scrubber.mark(tuning > 0 ? tuning : null, `${this.phases[1]} starts`);
    if (!following) this.group.tell("frame", { moment: this.moments[this.scrubber.at] });   // a picture that came later catches up
  }

  nearest([phase, step]) {
    const later = this.moments.findIndex(([other, when]) => other > phase || (other === phase && when > step));
    return later < 0 ? this.moments.length - 1 : Math.max(0, later - 1);
  }

  follow(moment) {
    if (!this.moments.length) return;
    this.scrubber.stop();
    this.scrubber.put(this.nearest(moment));
  }

  words(at) {
    const [phase, step] = this.moments[at] ?? [0, 0];
    return `${this.phases[phase]}, step ${step.toLocaleString("en")}`;
  }

  destroy() {
    this.scrubber.stop();
    this.leaving.abort();
    this.root.remove();
  }
}
