"""The controls of a page that finds a race of its browser: they are set to it by default."""

from rnnviz.ui import permalink
from rnnviz.ui.controls.parse import format_number
from rnnviz.ui.services.browser_races import BrowserRace
from rnnviz.ui.services.race_session import RaceSession
from rnnviz.ui.services.training import live_settings

KEYS = "race."
"""How the keys of the page's controls begin."""

FILE_PARAMETERS = ("file", "reading")
"""The parameters that an address has only if it is meant for others: a reload lost the file."""

ELSEWHERE = {"lang"}
"""Parameters that say nothing about a race."""


def restore_controls(tab: RaceSession) -> None:
    """Set the controls of a new session to the browser's race, unless its address names another.

    An address that names the same task of a visitor's file gets the file, which a reload lost.
    """
    if tab.has_restored:
        return
    tab.has_restored = True
    race = tab.race
    if race is not None:
        address = address_of(race)
    else:
        last = tab.stored()
        address = dict(last.race.address or {}) if last.race and last.stopped_rows else None
    if not address:
        return
    named = {name: text for name, text in permalink.unread().items() if name not in ELSEWHERE}
    if not named and not permalink.has_choices(KEYS):
        permalink.open_address(KEYS, address)
    elif "file" not in named and all(
        named.get(name) == address.get(name) for name in ("task", "source")
    ):
        lost = {name: address[name] for name in FILE_PARAMETERS if name in address}
        permalink.unread().update(lost)


def race_address(file: str, reading: str) -> dict[str, str]:
    """The parameters of the controls as the page has drawn them, and the visitor's file."""
    address = {name: text for name, text in permalink.parameters().items() if name not in ELSEWHERE}
    return address | ({"file": file, "reading": reading} if file else {})


def address_of(race: BrowserRace) -> dict[str, str] | None:
    """The parameters that set the controls to a race as it is now; None if none do."""
    if race.address is None:
        return None
    address = dict(race.address)
    started = live_settings(race.setup.experiments[0].optimiser)
    for name, value in race.live_settings.items():
        if value != started[name]:
            if name == "clip":
                address["set_clip"] = str(int(value is not None))
            if value is not None:
                address[name] = format_number(value)
    return address
