// The presenter's notes: a window of their own, opened with the key N, which follows the slides and turns them with the same keys.

const NAME = "tutor-notes";
const TURNS = ["ArrowRight", "ArrowLeft", "PageDown", "PageUp", "Escape"];

let notes = null;                                  // the window, once it is open
let said = {};

export function mount({ data, parentElement }) {
  said = data;
  write();
  const press = (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest?.("input, textarea");
    if (!plain || event.key.toLowerCase() !== "n") return;
    event.preventDefault();
    open();
  };
  window.addEventListener("keydown", press);
  parentElement.dataset.notes = "ready";
  return () => window.removeEventListener("keydown", press);
}

function open() {
  notes = window.open("", NAME, "width=760,height=560");
  if (!notes) return;
  notes.document.title = "Notes";
  notes.addEventListener("keydown", (event) => {
    if (!TURNS.includes(event.key)) return;
    event.preventDefault();
    window.dispatchEvent(new KeyboardEvent("keydown", { key: event.key, bubbles: true }));
  });
  write();
}

/** What stands in the window now. */
function write() {
  if (!notes || notes.closed) return;
  const { body } = notes.document;
  Object.assign(body.style, { font: "24px/1.4 sans-serif", margin: "24px", color: "#111", background: "#fff" });
  const lines = [["h1", said.place, "600 22px sans-serif"], ["p", said.notes, ""], ["p", said.task && `To do: ${said.task}`, ""],
    ["p", `Next: ${said.next}`, "20px sans-serif"]];
  body.replaceChildren(...lines.filter(([, text]) => text).map(([tag, text, font]) => {
    const line = notes.document.createElement(tag);
    line.textContent = text.replaceAll("**", "");
    line.style.font = font;
    return line;
  }));
}
