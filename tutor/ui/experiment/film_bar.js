// The buttons of the film: play and close, and take it away as a video or the map as an image.

import { BeliefMap } from "./belief_map.js";
import { recordFilm } from "./film.js";

const [WIDE, TALL] = [1280, 720];                 // pixels of a video

export class FilmBar {
  /** experiment: whose map, film and colours are used. */
  constructor(experiment) {
    this.experiment = experiment;
    this.element = document.createElement("div");
    this.element.className = "pt-film";
    this.play = this.button("", () => (this.playing ? this.close() : this.open()));
    this.save = this.button("Save the film", () => this.record());
    this.image = this.button("Save the map", () => this.snap());
    for (const button of [this.save, this.image]) button.className = "pt-quiet";
    this.element.append(this.play, this.save, this.image);
    this.offer(false);
  }

  button(name, pressed) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.onclick = pressed;
    return button;
  }

  /** Whether there is a film to play. */
  offer(there) {
    this.play.hidden = this.save.hidden = !there;
    if (there) this.play.textContent = `▶ Film, ${this.experiment.film.seconds} s`;
  }

  open() {
    this.playing = true;
    this.play.textContent = "Close the film";
    const began = performance.now();
    const tick = () => {
      const seconds = (performance.now() - began) / 1000;
      if (!this.playing) return;
      if (seconds >= this.experiment.film.seconds) { this.close(); return; }
      this.experiment.map.draw(this.experiment.film.scene(seconds));
      this.frame = requestAnimationFrame(tick);
    };
    tick();
  }

  close() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.frame);
    this.offer(true);
    this.experiment.draw();
  }

  async record() {
    if (this.recording) { this.recording.abort(); return; }
    this.recording = new AbortController();
    const { film, page } = this.experiment, canvas = document.createElement("canvas");
    const map = new BeliefMap(canvas, { ...page, font: 22 });
    map.resize(WIDE, TALL, 1);
    const told = (share) => { this.save.textContent = `Stop saving, ${Math.ceil((1 - share) * film.seconds)} s left`; };
    try {
      const draw = (seconds) => map.draw(film.scene(seconds));
      const video = await recordFilm(canvas, draw, { seconds: film.seconds, told, signal: this.recording.signal });
      if (video) download(video, `prompt-tutor-film.${video.type.split("/")[1]}`);
      else if (!this.recording.signal.aborted) this.experiment.say("This browser cannot record a video.");
    } finally {
      this.recording = null;
      this.save.textContent = "Save the film";
    }
  }

  snap() { this.experiment.canvas.toBlob((image) => download(image, "prompt-tutor-map.png")); }
}

function download(blob, name) {
  const link = document.createElement("a"), address = URL.createObjectURL(blob);
  Object.assign(link, { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
