// Builds elements. Text goes in as text, never as markup: a visitor typed some of it.

export function make(tag, attributes = {}, ...children) {
  return fillElement(document.createElement(tag), attributes, children);
}

export function makeSvg(tag, attributes = {}, ...children) {
  return fillElement(
    document.createElementNS("http://www.w3.org/2000/svg", tag),
    attributes,
    children,
  );
}

function fillElement(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// Writes only a text that differs, so that a step changes as little of the page as possible.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const SUBSCRIPT = /_(?:\{([^}]*)\}|(\w+))/;

// "c_{t-1}", "h_t" and "W_ih" with true subscripts.
export function withSubscripts(text) {
  return splitSubscripts(text).map((part) => (part.sub ? make("sub", {}, part.text) : part.text));
}

export function splitSubscripts(text) {
  const parts = [];
  let rest = text;
  for (let match = SUBSCRIPT.exec(rest); match; match = SUBSCRIPT.exec(rest)) {
    if (match.index > 0) parts.push({ text: rest.slice(0, match.index), sub: false });
    parts.push({ text: match[1] ?? match[2], sub: true });
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest) parts.push({ text: rest, sub: false });
  return parts;
}
