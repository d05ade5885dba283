// The numbers beside the map: what the prompt is worth, what the network loses, and the controls: the coin, Tune and Reset.

const STEP = 5;                                   // per cent of heads between two places of the coin's slider

export class Numbers {
  /** calls: {moved(coin, held), tune(), reset(), map(kind)}. */
  constructor(calls) {
    this.element = made("div", "pt-numbers");
    this.worth = this.card("pt-worth", "This prompt is worth");
    this.loss = this.card("pt-loss", "After 50 flips the network has lost");
    this.loss.card.title = "The network was pretrained, and is tuned here, on exact probabilities: it imitates the ideal predictor.";
    this.bar = made("div", "pt-losses");
    this.bar.setAttribute("aria-hidden", "true");
    this.filled = made("div", "pt-lost");
    this.mark = made("div", "pt-without");
    this.bar.append(this.filled, this.mark);
    this.loss.value.after(this.bar);
    this.makeCoin(calls);
    this.makeButtons(calls);
    this.text = made("p", "pt-note");
    this.text.setAttribute("role", "status");
    this.element.append(this.worth.card, this.loss.card, this.coinRow, this.buttons, this.text);
    this.switch = made("div", "pt-switch");
    this.switch.setAttribute("role", "group");
    this.switch.setAttribute("aria-label", "What the map shows");
    for (const [kind, name] of [["map", "What it expects"], ["states", "Its states"]]) {
      const button = this.button(name, () => { this.choose(kind); calls.map(kind); });
      button.dataset.kind = kind;
      this.switch.append(button);
    }
    this.choose("map");
  }

  /** A card with a heading, a value and a line below. */
  card(name, heading) {
    const [card, head, value, below] = [`pt-card ${name}`, "pt-head", "pt-value", "pt-below"].map((part) => made("div", part));
    head.textContent = heading;
    card.append(head, value, below);
    return { card, value, below };
  }

  button(name, pressed) {
    const button = made("button", "");
    button.type = "button";
    button.textContent = name;
    button.onclick = pressed;
    return button;
  }

  makeCoin({ moved }) {
    this.coinRow = made("label", "pt-coin");
    this.coinName = made("span", "");
    this.slider = made("input", "");
    Object.assign(this.slider, { type: "range", min: "5", max: "95", step: String(STEP) });
    this.slider.setAttribute("aria-label", "How often the coin shows heads, in per cent");
    this.slider.oninput = () => moved(Number(this.slider.value) / 100, true);
    this.slider.onchange = () => moved(Number(this.slider.value) / 100, false);
    this.coinRow.append(this.coinName, this.slider);
  }

  makeButtons({ tune, reset }) {
    this.buttons = made("div", "pt-buttons");
    this.tune = this.button("Tune the prompt", tune);
    this.tune.className = "pt-primary";
    this.reset = this.button("Reset", reset);
    this.buttons.append(this.tune, this.reset);
  }

  /** Which parts are there: data of the component. */
  parts({ tune }) {
    this.buttons.hidden = !tune;
    this.coinRow.hidden = !tune;
  }

  choose(kind) { for (const button of this.switch.children) button.setAttribute("aria-pressed", String(button.dataset.kind === kind)); }

  coin(share) {
    const said = `${Math.round(share * 100)} % heads`;
    this.slider.value = String(Math.round(share * 100));
    this.slider.setAttribute("aria-valuetext", said);
    this.coinName.replaceChildren("The coin shows ", strong(said));
  }

  /** What the network answered. */
  take({ worth, regret, without }, { vectors }) {
    const [heads, tails] = [amount(worth.heads), amount(worth.tails)];
    this.worth.value.replaceChildren(heads, light(" heads + "), tails, light(" tails"));
    const free = "Free vectors can say more than as many flips.";
    this.worth.below.textContent = vectors ? free : "The network counts them like flips it has read.";
    this.loss.value.replaceChildren(regret.toFixed(2), light(" nats"));
    const most = Math.max(without * 1.15, regret * 1.02, 0.1);
    this.filled.style.width = `${(100 * Math.max(0, regret)) / most}%`;
    this.mark.style.left = `${Math.min(99, (100 * without) / most)}%`;
    const none = `${regret > without + 0.005 ? "better " : ""}without a prompt: ${without.toFixed(2)}`;
    this.loss.below.replaceChildren(light("0: knows the coin"), light(none));
    this.sentence = `This prompt is worth ${heads} heads and ${tails} tails. `
      + `After 50 flips the network has lost ${regret.toFixed(2)} nats to somebody who knows the coin; `
      + `without a prompt it loses ${without.toFixed(2)}.`;
  }

  tuning(on) {
    this.tune.textContent = on ? "Stop" : "Tune the prompt";
    this.element.classList.toggle("pt-busy", on);
  }

  note(text) { this.text.textContent = text; }
}

/** An amount of flips as it is read: one decimal while it is small. */
export function amount(flips) {
  const near = Math.max(0, flips);
  return near < 9.95 ? near.toFixed(1) : near.toFixed(0);
}

function made(tag, name) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  return element;
}

function light(text) { const span = made("span", "pt-light"); span.textContent = text; return span; }

function strong(text) { const span = made("b", ""); span.textContent = text; return span; }
