// A list of the page's headings that leads to them, shown where the page is longer than so many screens. It follows what is drawn later.

const EVERY = 400;     // milliseconds from a change to the list that knows of it
const HEADER = 76;     // pixels at the top that the bar of the app covers

const made = (tag, name = "") => Object.assign(document.createElement(tag), { className: name });

/** Headings of the page by their text; those of a closed part are left out. */
function headings(page) {
  return [...page.querySelectorAll("h2")].filter((one) => one.getClientRects().length && one.textContent.trim());
}

function lead(page, heading) {
  const top = page.scrollTop + heading.getBoundingClientRect().top - page.getBoundingClientRect().top - HEADER;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  page.scrollTo({ top, behavior: calm ? "instant" : "smooth" });
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function list(page, box, screens) {
  const found = headings(page), long = page.scrollHeight > screens * page.clientHeight;
  box.hidden = !long || found.length < 2;
  const texts = found.map((one) => one.textContent.trim());
  if (box.dataset.said === texts.join("\n")) return;
  box.dataset.said = texts.join("\n");
  box.querySelector("nav").replaceChildren(...texts.map((text, place) => {
    const link = made("a");
    link.href = "#";
    link.textContent = text;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      box.open = false;
      const heading = headings(page)[place];
      if (heading) lead(page, heading);
    });
    return link;
  }));
}

export default function ({ data, parentElement }) {
  const page = document.querySelector("[data-testid=stMain]");
  const before = parentElement.querySelector(".pt-contents");
  if (!page || before) return before?.leave ?? (() => {});
  const box = made("details", "pt-contents"), summary = made("summary"), nav = made("nav");
  summary.textContent = "On this page";
  nav.setAttribute("aria-label", "On this page");
  box.append(summary, nav);
  box.hidden = true;
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") { box.open = false; summary.focus(); } });
  parentElement.append(box);
  const away = (event) => { if (box.open && !box.contains(event.target)) box.open = false; };
  document.addEventListener("pointerdown", away);
  let waiting = 0;
  const again = () => { waiting ||= setTimeout(() => { waiting = 0; list(page, box, data.screens); }, EVERY); };
  const changes = new MutationObserver(again), sizes = new ResizeObserver(again);
  changes.observe(page, { childList: true, subtree: true });
  sizes.observe(page.firstElementChild ?? page);
  again();
  const leave = () => {
    clearTimeout(waiting);
    changes.disconnect();
    sizes.disconnect();
    document.removeEventListener("pointerdown", away);
    box.remove();
  };
  return Object.assign(box, { leave }).leave;
}
