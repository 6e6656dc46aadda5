// One entry in the browser's history for each page and each choice of the visitor.
//
// Streamlit makes an entry of every address that the server writes. A page that was just opened
// writes its settings a moment later, so that Back would first lead to the same page once more.

const TOUCHES = ["pointerdown", "keydown", "click"];

// What is written to the address of a page that nobody has touched since it was opened takes the
// place of the entry. `browser` is the window.
export function oneEntryEach(browser) {
  const { history, location } = browser;
  if (history.oneEntryEach) return; // the server's next run says it again
  history.oneEntryEach = true;
  const push = history.pushState.bind(history);
  let untouched = true;
  for (const touch of TOUCHES) {
    browser.addEventListener(touch, () => (untouched = false), { capture: true });
  }
  browser.addEventListener("popstate", () => (untouched = true), { capture: true });
  history.pushState = (state, title, address) => {
    const samePage = new URL(address, location.href).pathname === location.pathname;
    if (samePage && untouched) {
      history.replaceState(state, title, address);
      return;
    }
    if (!samePage) untouched = true;
    push(state, title, address);
  };
}
