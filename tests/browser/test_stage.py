"""The stage by itself in Chromium: its script, its style and a payload, without a server."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from rnnviz.palette import DIVERGING
from rnnviz.ui.scripts import ASSETS, component_source
from rnnviz.ui.stage import MANY_TO_ONE, payload
from tests.test_stage import cell_view

pytestmark = pytest.mark.browser

Mount = Callable[..., Page]

HOSTILE = ["<img src=x onerror=alert(1)>", "<b>bold</b>", "مرحبا", "😀", " "]
THEMES = {
    "light": {"background-color": "#ffffff", "text-color": "#1b1f24", "primary-color": "#0b5cad"},
    "dark": {"background-color": "#14171c", "text-color": "#e8eaed", "primary-color": "#7ab8ff"},
}
SECOND = {"light": "#f3f4f6", "dark": "#1f242c"}


def style(theme: str) -> str:
    colours = THEMES[theme] | {"secondary-background-color": SECOND[theme]}
    return ";".join(f"--st-{name}:{value}" for name, value in colours.items())


@pytest.fixture
def mount(browser: Browser) -> Iterator[Mount]:
    """Put a stage with this content on an empty page; afterwards there may be no error."""
    contexts, errors = [], []

    def put(
        *codes: str,
        tokens: list[str],
        theme: str = "light",
        width: int = 1280,
        size: dict[str, Any] | None = None,
        **options: Any,
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: (errors.append(dialog.message), dialog.dismiss()))  # type: ignore[call-overload, func-returns-value]
        page.on(
            "console",
            lambda message: errors.append(message.text) if message.type == "error" else None,
        )
        css = (ASSETS / "stage" / "stage.css").read_text(encoding="utf-8")
        page.set_content(
            f'<!doctype html><html lang="en"><title>Stage</title><style>{css}</style>'
            f'<body style="margin:16px;background:var(--st-background-color);{style(theme)}">'
            '<main id="place"><h1>Stage</h1><div class="rnnviz-stage-mount"></div></main>'
        )
        script = component_source("stage").replace("export default function renderStage", "PLACE")
        page.add_script_tag(
            type="module", content=script.replace("PLACE", "window.mount = function renderStage")
        )
        page.wait_for_function("Boolean(window.mount)")
        views = [cell_view(code, T=len(tokens), **(size or {})) for code in codes]
        data = payload(views, tokens, code=MANY_TO_ONE, prediction_title="Answer", **options)
        page.evaluate(
            """(data) => {
                window.reports = [];
                window.data = data;
                window.draw = () => window.mount({
                    data: window.data,
                    parentElement: document.getElementById("place"),
                    setStateValue: (name, value) => window.reports.push([name, value]),
                });
                window.draw();
            }""",
            json.loads(json.dumps(data)),
        )
        return page

    yield put
    for context in contexts:
        context.close()
    assert errors == []


def stage(page: Page) -> Locator:
    return page.get_by_test_id("stage")


def expect_position(page: Page, step: int, phase: str) -> None:
    expect(stage(page)).to_have_attribute("data-step", str(step))
    expect(stage(page)).to_have_attribute("data-phase", phase)


def press(page: Page, key: str, times: int = 1) -> None:
    for _ in range(times):
        stage(page).press(key)


def picture(page: Page, cell: int = 1, kind: str = "heat.forward-only") -> Locator:
    pictures = page.locator(f"section.cell:nth-of-type({cell}) .line.{kind} .picture")
    return pictures.first


def test_the_keyboard_steps_to_the_end_and_back(mount: Mount) -> None:
    page = mount("rnn", "gru", "lstm", tokens=list("hello"))
    expect_position(page, 0, "forward")
    press(page, "ArrowRight", 4)
    expect_position(page, 4, "forward")
    press(page, "ArrowRight")
    expect_position(page, 4, "backward")
    press(page, "ArrowRight", 9)
    expect_position(page, 0, "backward")
    press(page, "ArrowLeft", 20)
    expect_position(page, 0, "forward")
    press(page, "End")
    expect_position(page, 4, "forward")
    press(page, "End")
    expect_position(page, 0, "backward")
    press(page, "Home")
    expect_position(page, 4, "backward")
    press(page, "Home")
    expect_position(page, 0, "forward")


def test_the_pseudocode_names_the_cell_whose_values_it_shows(mount: Mount) -> None:
    page = mount("rnn", "gru", "lstm", tokens=list("hello"), size={"layers": 2})
    heading = page.locator(".code-cell")
    expect(heading).to_have_text("values of RNN · Layer 2")
    before = page.locator(".code-value").nth(2).text_content()
    page.get_by_label("Which row").select_option("GRU · Layer 1 · hidden state")
    expect(heading).to_have_text("values of GRU · Layer 2")
    assert page.locator(".code-value").nth(2).text_content() != before
    page.get_by_role("button", name="Close").click()
    expect(heading).to_have_text("values of GRU · Layer 2")


@pytest.mark.parametrize("own", [False, True])
def test_an_own_answer_is_not_called_right(mount: Mount, own: bool) -> None:
    page = mount("gru", tokens=list("hello"), size={"own": own})
    press(page, "End")
    badge = page.locator(".bar.is-target .bar-target")
    expect(badge).to_have_text("model's answer" if own else "right answer")


def test_the_weight_gradient_names_its_weights(mount: Mount) -> None:
    page = mount("lstm", tokens=list("hello"))
    press(page, "End", 2)
    expect(page.locator(".line.bars .row-symbol")).to_have_text("∂L/∂Whh")
    facts = page.locator(".facts dt").all_text_contents()
    assert facts[2:] == ["this step's part of ∂L/∂Whh", "running sum of ∂L/∂Whh"]
    expect(page.locator(".code-line.on .code-value").last).to_contain_text("|dW_hh|")


def test_space_plays_and_pauses_and_a_position_is_reported_only_when_paused(mount: Mount) -> None:
    page = mount("lstm", tokens=list("hello"))
    page.get_by_label("Speed").select_option("2")
    press(page, " ")
    # Asked in every frame: on a busy machine the stage has moved on before `expect` looks again.
    page.wait_for_function("document.querySelector('[data-testid=stage]').dataset.step === '2'")
    assert page.evaluate("window.reports") == []
    press(page, " ")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    step = page.evaluate("document.querySelector('[data-testid=stage]').dataset.step")
    page.wait_for_function("window.reports.length > 0")
    name, value = page.evaluate("window.reports.at(-1)")
    assert (name, str(value["step"])) == ("position", step)


def test_dragging_the_plot_scrubs(mount: Mount) -> None:
    page = mount("gru", tokens=list("abcdefgh"))
    box = picture(page).bounding_box()
    assert box
    column = box["width"] / 8
    page.mouse.move(box["x"] + column * 1.5, box["y"] + 10)
    page.mouse.down()
    for step in range(2, 7):
        page.mouse.move(box["x"] + column * (step + 0.5), box["y"] + 10)
    expect_position(page, 6, "forward")
    page.mouse.up()
    expect(page.locator(".explanation")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_pixel_has_the_colour_of_its_number(mount: Mount, theme: str) -> None:
    page = mount("rnn", tokens=list("hello"), theme=theme)
    h = cell_view("rnn", T=5).trace.layers[0].states["h"]
    low, zero, high = (
        [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        for colour in DIVERGING["dark" if theme == "dark" else "light"]
    )
    drawn = (
        picture(page)
        .locator("canvas")
        .evaluate("(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 5, 4).data]")
    )
    for step in range(5):
        for unit in range(4):
            share = float(h[step, unit] / h.abs().max())
            towards = high if share > 0 else low
            expected = [z + (t - z) * abs(share) for z, t in zip(zero, towards, strict=True)]
            pixel = drawn[4 * (unit * 5 + step) :][:3]
            assert all(abs(a - b) <= 2 for a, b in zip(pixel, expected, strict=True))


def test_a_click_looks_inside_and_two_explanations_are_compared(mount: Mount) -> None:
    page = mount("lstm", tokens=list("hello"))
    h = cell_view("lstm", T=5).trace.layers[0].states["h"]
    box = picture(page).bounding_box()
    assert box
    for step, unit in ((2, 1), (3, 3)):
        picture(page).click(
            position={"x": box["width"] * (step + 0.5) / 5, "y": box["height"] * (unit + 0.5) / 4}
        )
        expect_position(page, step, "forward")
        card = page.locator(".explanation").first
        expect(card).to_contain_text(f"unit {unit + 1}")
        result = card.locator(".result").inner_text().replace("−", "-").split("=")[1]
        assert float(result) == pytest.approx(float(h[step, unit]), abs=6e-4)
        expect(page.locator(".mark.target")).to_have_count(1)
        page.get_by_role("button", name="Pin", exact=True).click()
    expect(page.locator(".explanation.pinned")).to_have_count(2)
    expect(page.locator(".compare")).to_contain_text("they differ by")
    page.get_by_role("button", name="Unpin").first.click()
    expect(page.locator(".compare")).to_have_count(0)


def test_the_tooltip_shows_the_number_under_the_pointer(mount: Mount) -> None:
    page = mount("lstm", tokens=list("hello"))
    h = cell_view("lstm", T=5).trace.layers[0].states["h"]
    box = picture(page).bounding_box()
    assert box
    picture(page).hover(position={"x": box["width"] * 0.5, "y": box["height"] * 0.9})
    text = page.locator(".tooltip").inner_text().replace("−", "-")
    assert text.startswith("step 3, unit 4: ")
    assert float(text.split(": ")[1]) == pytest.approx(float(h[2, 3]), abs=6e-4)


def test_looking_inside_needs_no_mouse(mount: Mount) -> None:
    page = mount("gru", tokens=list("hello"))
    press(page, "Enter")
    expect(page.locator(".explanation")).to_contain_text("unit 1")
    press(page, "ArrowDown")
    expect(page.locator(".explanation")).to_contain_text("unit 2")
    page.locator(".source", has_text="update gate").click()
    expect(page.locator(".explanation")).to_contain_text("GRU · update gate · unit 2")
    press(page, "End", 2)
    page.get_by_label("Which row").select_option(label="GRU · hidden state")
    expect(page.locator(".explanation")).to_contain_text("comes back from the next step")


def test_gates_and_cell_state_can_be_displayed_one_by_one(mount: Mount) -> None:
    page = mount("lstm", tokens=list("hello"))
    heats = page.locator(".line.heat.forward-only:visible")
    expect(heats).to_have_count(1)
    page.get_by_role("button", name="Show gates and cell state").click()
    expect(heats).to_have_count(6)
    page.get_by_role("button", name="forget gate").click()
    expect(heats).to_have_count(5)


@pytest.mark.parametrize("width", [390, 1280])
def test_two_hundred_hostile_tokens_are_displayed_literally(mount: Mount, width: int) -> None:
    tokens = HOSTILE * 40
    page = mount("rnn", tokens=tokens, width=width, unknown=[True, *[False] * 199])
    texts = page.locator(".token-text").all_text_contents()
    assert texts == [token if token != " " else "␣" for token in tokens]
    expect(page.locator(".rnnviz-stage img, .rnnviz-stage .token b")).to_have_count(0)
    expect(page.locator(".token").first).to_contain_text("UNK")
    press(page, "End")
    expect_position(page, 199, "forward")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    cursor = page.locator(".cursor").bounding_box()
    assert cursor
    assert 0 <= cursor["x"] <= width - cursor["width"]


def test_a_new_theme_repaints_and_keeps_the_position(mount: Mount) -> None:
    page = mount("rnn", tokens=list("hello"))
    press(page, "ArrowRight", 2)
    pixels = (
        "() => [...document.querySelector('canvas').getContext('2d').getImageData(0,0,5,4).data]"
    )
    before = page.evaluate(pixels)
    page.evaluate("(style) => { document.body.style.cssText = style; draw(); }", style("dark"))
    expect_position(page, 2, "forward")
    assert page.evaluate(pixels) != before


def test_a_jump_from_outside_is_followed_and_an_echo_is_not(mount: Mount) -> None:
    page = mount("rnn", tokens=list("hello"))
    press(page, "ArrowRight", 3)
    page.evaluate("draw()")
    expect_position(page, 3, "forward")
    page.evaluate("data = {...data, start: {step: 1, phase: 'backward'}}; draw();")
    expect_position(page, 1, "backward")


def test_a_single_token_without_a_loss_is_a_stage_too(mount: Mount) -> None:
    page = mount("rnn", tokens=["hi"], size={"H": 2, "loss": False})
    press(page, "ArrowRight", 3)
    expect_position(page, 0, "forward")
    expect(page.locator(".loss")).to_have_count(0)


def test_the_small_stage_plays_by_itself_and_reports_nothing(mount: Mount) -> None:
    page = mount("lstm", tokens=list("hi"), compact=True, autoplay=True)
    expect_position(page, 1, "backward")
    expect_position(page, 0, "forward")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert page.evaluate("window.reports") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_reports_nothing_serious(mount: Mount, theme: str) -> None:
    page = mount("gru", "lstm", tokens=["what", "time", "is", "<b>"], theme=theme)
    page.get_by_role("button", name="Show gates and cell state").click()
    press(page, "Enter")
    for keys in (0, 5):
        press(page, "ArrowRight", keys)
        violations = Axe().run(page, context=".rnnviz-stage").response["violations"]
        assert [
            rule["id"] for rule in violations if rule["impact"] in ("serious", "critical")
        ] == [], violations
