// A picture that Python has drawn as HTML: the browser reports which part a visitor picks.
const pictures = new WeakMap();
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export default function renderPicture({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".rnnviz-picture");
  if (!root || !data) return;
  const picture = pictures.get(root) ?? mountPicture(root);
  picture.report = (value) => setStateValue("pick", value);
  picture.open = (link) => setTriggerValue("open", link);
  const html = new TextDecoder().decode(data);
  if (html === picture.html) return;
  picture.html = html;
  const focused = document.activeElement?.dataset?.pick;
  const hadFocus = root.contains(document.activeElement);
  root.innerHTML = html;
  const parts = partsOf(root);
  // What scrolls sideways on a phone has to be reached by the keyboard: by a part, or by itself.
  if (parts.length) root.removeAttribute("tabindex");
  else root.setAttribute("tabindex", "0");
  for (const part of parts) {
    part.setAttribute("tabindex", "0");
    if (!part.hasAttribute("role")) part.setAttribute("role", "button");
    if (hadFocus && part.dataset.pick === focused) part.focus();
  }
}

function mountPicture(root) {
  const picture = { html: "", report: () => {}, open: () => {} };
  const partAt = (event) => event.target.closest("[data-pick]");
  root.addEventListener("click", (event) => {
    const part = partAt(event);
    if (part) picture.report(part.dataset.pick);
    const link = event.target.closest("[data-open]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    picture.open(link.dataset.open);
  });
  root.addEventListener("keydown", (event) => {
    const part = partAt(event);
    if (!part) return;
    if (event.key === "Enter" || event.key === " ") picture.report(part.dataset.pick);
    else if (event.key in STEPS) neighbour(root, part, STEPS[event.key])?.focus();
    else return;
    event.preventDefault();
  });
  for (const type of ["pointerover", "focusin"]) {
    root.addEventListener(type, (event) => lightTwins(root, event.target));
  }
  root.addEventListener("pointerleave", () => lightTwins(root, null));
  pictures.set(root, picture);
  return picture;
}

// Parts with the same data-twin are one number in two places: they light up together.
function lightTwins(root, target) {
  const twin = target?.closest("[data-twin]")?.dataset.twin;
  for (const part of root.querySelectorAll("[data-twin]")) {
    part.classList.toggle("lit", part.dataset.twin === twin);
  }
}

function partsOf(root) {
  return [...root.querySelectorAll("[data-pick]")];
}

function neighbour(root, part, step) {
  const parts = partsOf(root);
  return parts[parts.indexOf(part) + step];
}
