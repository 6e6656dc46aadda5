import assert from "node:assert/strict";
import test from "node:test";

import { oneEntryEach } from "../../assets/history.js";

// A browser that knows its entries and who listens.
function browser() {
  const entries = ["/runs"];
  const heard = {};
  const place = () => new URL(entries.at(-1), "http://here");
  const made = {
    location: {
      get href() {
        return place().href;
      },
      get pathname() {
        return place().pathname;
      },
    },
    history: {
      pushState: (_state, _title, address) => entries.push(address),
      replaceState: (_state, _title, address) => (entries[entries.length - 1] = address),
    },
    addEventListener: (name, act) => (heard[name] = act),
  };
  oneEntryEach(made);
  return { entries, made, touch: (name) => heard[name](), go: (to) => made.history.pushState({}, "", to) };
}

test("a page's own words about its settings make no entry", () => {
  const { entries, touch, go } = browser();
  go("/runs?sort=name");
  assert.deepEqual(entries, ["/runs?sort=name"]);
  touch("pointerdown");
  touch("click");
  go("/race?lr=0.10&seeds=1");
  go("/race?lr=0.1");
  assert.deepEqual(entries, ["/runs?sort=name", "/race?lr=0.1"]);
});

for (const how of ["pointerdown", "keydown", "click"]) {
  test(`what a visitor chooses makes an entry: ${how}`, () => {
    const { entries, touch, go } = browser();
    go("/race");
    touch(how);
    go("/race?lr=0.1");
    go("/race?lr=0.2");
    assert.deepEqual(entries, ["/runs", "/race", "/race?lr=0.1", "/race?lr=0.2"]);
  });
}

test("after Back nothing is said before a choice", () => {
  const { entries, touch, go } = browser();
  touch("click");
  touch("popstate");
  go("/runs?sort=name");
  assert.deepEqual(entries, ["/runs?sort=name"]);
});

test("to be told twice changes nothing", () => {
  const { entries, made, touch, go } = browser();
  oneEntryEach(made);
  touch("click");
  go("/runs?sort=name");
  assert.deepEqual(entries, ["/runs", "/runs?sort=name"]);
});
