"""Time from a key press to the painted frame: the stage against a Plotly figure and a rerun.

    python benchmarks/stage.py

Both show the hidden states of an RNN, a GRU and an LSTM at T=50 and H=64 in headless Chromium; the
presses alternate, so that other load on the machine affects both. Then an arrow key is held down on
the stage at T=200, H=64 and two layers, and the time from frame to frame is measured.
"""

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tools.browsing import SWITCHES, find_chromium, serve

PAGE = "benchmarks/stage_page.py"
PRESSES = 40
HELD_PRESSES = 120

# A message posted in a frame's callback is handled after that frame has been painted.
INSTALL = """
() => {
  window.framesUntil = (condition) => new Promise((resolve) => {
    window.addEventListener("keydown", (event) => {
      let frames = 0;
      const check = () => {
        frames += 1;
        if (!condition()) return requestAnimationFrame(check);
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve([performance.now() - event.timeStamp, frames]);
        channel.port2.postMessage(0);
      };
      requestAnimationFrame(check);
    }, { capture: true, once: true });
  });
}
"""
SHOWS_STEP = {
    "stage": "document.querySelector('[data-testid=stage]').dataset.step === '{step}'",
    "plotly": "document.querySelector('.gtitle')?.textContent === 'step {step}'",
}
HOLD = """
async (count) => {
  const stage = document.querySelector("[data-testid=stage]");
  const times = [];
  for (let press = 0; press <= count; press += 1) {
    times.push(await new Promise(requestAnimationFrame));
    stage.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
  }
  return times.slice(1).map((time, k) => time - times[k]);
}
"""


def open_page(page: Page, url: str, ready: str) -> Page:
    """Open `url` and wait for `ready` and for the first paint to be over."""
    page.goto(url)
    page.locator(ready).first.wait_for(timeout=60_000)
    page.wait_for_timeout(2000)
    page.evaluate(INSTALL)
    return page


def press(page: Page, kind: str, step: int) -> tuple[float, int]:
    """Milliseconds and frames from the key press to the painted frame that shows `step`."""
    page.bring_to_front()
    if kind == "stage":
        page.get_by_test_id("stage").focus()
    else:
        page.get_by_role("button", name="Next").focus()
    condition = SHOWS_STEP[kind].format(step=step)
    page.evaluate(f"() => {{ window.done = window.framesUntil(() => {condition}); }}")
    page.keyboard.press("ArrowRight" if kind == "stage" else "Enter")
    milliseconds, frames = page.evaluate("() => window.done")
    page.wait_for_timeout(400)
    return milliseconds, frames


def line(name: str, times: list[float]) -> str:
    """Median and 95th percentile as one line of the report."""
    high = statistics.quantiles(times, n=20)[-1]
    return f"{name:<32} median {statistics.median(times):7.1f} ms   p95 {high:7.1f} ms"


def main() -> None:
    """Print the medians of both, and of a held key."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder) / "log.txt", PAGE) as server,
        sync_playwright() as playwright,
    ):
        path = find_chromium(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        pages = {
            "stage": open_page(
                context.new_page(), f"{server.url}/?show=stage", "[data-testid=stage]"
            ),
            "plotly": open_page(context.new_page(), f"{server.url}/?show=plotly", ".gtitle"),
        }
        presses: dict[str, list[tuple[float, int]]] = {kind: [] for kind in pages}
        for step in range(1, PRESSES + 1):
            for kind, page in pages.items():
                presses[kind].append(press(page, kind, step))
        times = {kind: [time for time, _ in rows[3:]] for kind, rows in presses.items()}
        frames = [count for _, count in presses["stage"][3:]]
        print("T=50, H=64, RNN + GRU + LSTM, key press to painted frame")
        print(line("the stage", times["stage"]))
        print(line("Plotly figure, Streamlit rerun", times["plotly"]))
        ratio = statistics.median(times["plotly"]) / statistics.median(times["stage"])
        print(f"ratio {ratio:.1f}x; painted in the next frame: {frames.count(1)}/{len(frames)}")
        long = open_page(
            context.new_page(), f"{server.url}/?show=stage&t=200&layers=2", "[data-testid=stage]"
        )
        print("T=200, H=64, two layers, arrow key held down, frame to frame")
        print(line("the stage", long.evaluate(HOLD, HELD_PRESSES)))
        browser.close()


if __name__ == "__main__":
    main()
