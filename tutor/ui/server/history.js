// What the browser's Back and Forward find: one entry for every page and for every step of a lesson, each with the address as the
// visitor left it.
//
// Streamlit adds an entry whenever the server changes the address: for each control it writes, and, on the way to another page, one of
// the old page with the new page's parameters. Only a page or a step that the visitor went to makes an entry here; all else changes the
// one there is.

(() => {
  const push = history.pushState.bind(history), replace = history.replaceState.bind(history);
  const STEP = ["lesson", "lesson_step"];
  let acted = false;       // whether the visitor did anything since the entry was made or returned to
  let returned = false;    // whether the entry was reached by Back or Forward
  let left = null;         // the address as it was when the visitor acted last, where the server has changed it since

  const act = () => { acted = true; left = null; };
  for (const what of ["pointerdown", "click", "keydown", "input", "change"]) window.addEventListener(what, act, true);
  window.addEventListener("popstate", () => { acted = false; returned = true; left = null; }, true);

  history.pushState = (state, title, address) => {
    const next = new URL(address ?? location.href, location.href);
    const elsewhere = next.pathname !== location.pathname;
    if (elsewhere && returned && !acted) return;              // the page of a run that Back or Forward overtook
    if (acted && (elsewhere || turned(next))) {
      if (left !== null) replace(history.state, "", left);    // what the server wrote since was meant for the next page
      push(state, title, next);
      acted = returned = false;
      left = null;
    } else {
      left ??= location.href;
      replace(state, title, next);
    }
  };

  /** Whether a lesson begins there, is at another step, or is over. */
  function turned(next) {
    const here = new URLSearchParams(location.search);
    return STEP.some((name) => here.get(name) !== next.searchParams.get(name));
  }
})();
