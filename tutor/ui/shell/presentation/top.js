// Shows the top of the page for every opening of a step: Streamlit keeps the place when the page stays the same. What is drawn late moves
// the place again, so it is held until the visitor does something, for a few seconds at most.

const ACTS = ["wheel", "touchstart", "keydown", "pointerdown"];
const HELD = 4000;   // milliseconds

export default function ({ data }) {
  if (window.tutorOpened === data.opened) return;
  window.tutorOpened = data.opened;
  const page = document.querySelector("[data-testid=stMain]");
  if (!page) return;
  const up = () => page.scrollTo({ top: 0, behavior: "instant" });
  const release = () => {
    page.removeEventListener("scroll", up);
    for (const act of ACTS) window.removeEventListener(act, release, true);
  };
  up();
  page.addEventListener("scroll", up);
  for (const act of ACTS) window.addEventListener(act, release, { capture: true });
  setTimeout(release, HELD);
}
