"""Take the pictures of the README from the running app: make screenshots.

Each shot is a link that any visitor can open, too: the pictures show the app as it is.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tools.browsing import ROOT, SWITCHES, find_chromium, serve, wait_idle

PICTURES = ROOT / "assets" / "pictures"


@dataclass(frozen=True)
class Shot:
    """A picture: its name, its link, the size of the screen, and the button to press before."""

    name: str
    link: str
    width: int = 1280
    height: int = 860
    scheme: Literal["light", "dark"] = "light"
    press: str = ""
    seconds: float = 1.5


SHOTS = [
    Shot("home", "/?lang=en", height=820, seconds=3),
    Shot("step", "/step?lang=en&t=3", height=1000),
    Shot("vanishing", "/vanishing?lang=en", height=900, scheme="dark"),
    Shot("side-by-side", "/side-by-side?lang=en", height=1000, press="Start", seconds=15),
    # After the race, whose runs it shows.
    Shot("runs", "/runs?lang=en", height=700),
    Shot("phone-korean", "/step?lang=ko&t=3", width=390, height=844, scheme="dark"),
]


def take(shot: Shot, page: Page, url: str) -> Path:
    """Open the link of `shot`, wait until the page is idle, and save the picture."""
    page.goto(url + shot.link)
    page.wait_for_selector("h1")
    wait_idle(page)
    if shot.press:
        page.get_by_role("button", name=shot.press, exact=True).click()
    page.wait_for_timeout(shot.seconds * 1000)
    path = PICTURES / f"{shot.name}.png"
    page.screenshot(path=path)
    return path


def main() -> None:
    """Take every shot."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = find_chromium(playwright.chromium.executable_path)
        browser: Browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        with serve(Path(folder) / "log.txt") as server:
            for shot in SHOTS:
                context = browser.new_context(
                    viewport={"width": shot.width, "height": shot.height},
                    color_scheme=shot.scheme,
                    locale="en-US",
                )
                path = take(shot, context.new_page(), server.url)
                context.close()
                print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1024:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()
