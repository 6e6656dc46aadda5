// All numbers of a stage in one piece: in its message, or, where they are many, at an address.
import { decodeBytes } from "../common/packed.js";

// A buffer; null where the numbers have to be fetched.
export function numbersInside(data) {
  return data.address ? null : decodeBytes(data.numbers).buffer;
}

// The same for all languages and after a reload, so the browser keeps what it has fetched.
export async function fetchNumbers(address) {
  const response = await fetch(new URL(address, appAddress()));
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.arrayBuffer();
}

// Where the app is, also behind a proxy that serves it from a folder: its own scripts come from
// there.
function appAddress() {
  const script = document.querySelector('script[src*="/static/"]');
  return script ? script.src.replace(/\/static\/.*$/, "/") : document.baseURI;
}
