// The keys of a presenter: on and back through a lecture, and the whole screen for it.

/** What needs its arrows itself. */
const OWN = "input, textarea, select, [contenteditable], [role=slider], [role=radiogroup], [role=listbox], .pt-stage";

export default function ({ data, parentElement }) {
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const remote = event.key === "PageDown" || event.key === "PageUp";   // no widget needs these
    if (!remote && event.target.closest?.(OWN)) return;
    const act = {
      ArrowRight: () => click(data.next), PageDown: () => click(data.next),
      ArrowLeft: () => click(data.back), PageUp: () => click(data.back),
      Escape: () => click(data.end),                                    // with a full screen the browser keeps the first one for itself
      f: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen().catch(() => {})),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  window.addEventListener("keydown", press);
  parentElement.dataset.listening = "true";
  return () => window.removeEventListener("keydown", press);
}

function click(selector) { document.querySelector(selector)?.click(); }
