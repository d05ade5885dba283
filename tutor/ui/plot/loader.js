// plotly.js, fetched once per page: with a time-out, two more attempts, and a promise that fails when all is lost.

const PATIENCE = 20000;   // ms for 4.8 MB on a slow link; then another attempt
const ATTEMPTS = 3;
const HIDDEN = 200;       // ms: a page that nobody looks at has no frames to wait for

let arriving = null;

/** Asked for once the page has shown what it has: compiling it takes a second in which nothing else is painted. */
export function plotly(address) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  arriving ??= painted().then(() => persist(address)).catch((reason) => { arriving = null; throw reason; });
  return arriving;
}

/** Resolves once what stands on the page has been seen. */
export function painted() {
  return new Promise((go) => {
    requestAnimationFrame(() => setTimeout(go));
    setTimeout(go, HIDDEN);
  });
}

async function persist(address) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetched(attempt === 1 ? address : `${address}?again=${attempt}`);
    } catch (reason) {
      if (attempt === ATTEMPTS) throw reason;
      await new Promise((go) => setTimeout(go, 300 * attempt));
    }
  }
}

function fetched(address) {
  return new Promise((arrived, failed) => {
    const script = document.createElement("script");
    const give_up = (why) => { clearTimeout(timer); script.remove(); failed(new Error(`${why}: ${address}`)); };
    const timer = setTimeout(() => give_up("no answer in time"), PATIENCE);
    script.onload = () => {
      clearTimeout(timer);
      if (window.Plotly) arrived(window.Plotly); else give_up("answered with something else");
    };
    script.onerror = () => give_up("could not be fetched");
    script.src = address;
    document.head.append(script);
  });
}
