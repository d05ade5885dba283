// A button that copies the address of this view, with a few parameters set or left out.

export default function ({ data, parentElement }) {
  let button = parentElement.querySelector("button");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "pt-copy";
    Object.assign(button.style, {
      font: "inherit", padding: "0.4rem 0.9rem", cursor: "pointer", color: "var(--st-text-color)",
      background: "var(--st-secondary-background-color)", width: "100%",
      border: "1px solid var(--st-border-color)", borderRadius: "var(--st-button-radius, 8px)",
    });
    button.setAttribute("aria-live", "polite");
    parentElement.append(button);
  }
  button.textContent = "Copy link";
  button.onclick = async () => {
    const address = new URL(location.href);
    for (const [name, value] of Object.entries(data.set)) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    try {
      await navigator.clipboard.writeText(address.href);
      button.textContent = "Copied";
    } catch {
      prompt("Copy this link:", address.href);     // no clipboard without HTTPS: show it instead
    }
    setTimeout(() => { button.textContent = "Copy link"; }, 2000);
  };
  return () => {};
}
