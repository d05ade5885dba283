// The bar below a picture that plays something: a button, a speed and a line of words.

export class Player {
  constructor(speeds, usual, label, press) {
    this.element = document.createElement("div");
    this.element.className = "pt-frames";
    this.element.hidden = true;
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.onclick = press;
    this.select = document.createElement("select");
    this.select.setAttribute("aria-label", label);
    for (const times of speeds) this.select.add(new Option(`${times}×`, times, times === usual, times === usual));
    this.output = document.createElement("output");
    this.element.append(this.button, this.select, this.output);
  }

  get speed() { return Number(this.select.value); }
}
