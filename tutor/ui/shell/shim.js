// What travels with every component: fetch the module that draws (cached for good under its hash), and say so when that fails.
export default async function (component) {
  const address = new URL("ADDRESS", document.baseURI).href;
  for (let attempt = 0; ; attempt++) {
    try {
      const { mount } = await import(attempt ? `${address}?again=${attempt}` : address);
      return mount(component);
    } catch (reason) {
      if (attempt < 2) { await new Promise((go) => setTimeout(go, 400 * 2 ** attempt)); continue; }
      console.error(reason);
      const message = document.createElement("p");
      message.setAttribute("role", "alert");
      message.textContent = "This part of the page could not be shown: its code did not arrive. Reload the page to try again.";
      component.parentElement.append(message);
      return () => message.remove();
    }
  }
}
