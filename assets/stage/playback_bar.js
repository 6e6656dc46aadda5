// Play, step, scrub, speed: the bar above the grid.
import { make, makeSvg, setText } from "../common/dom.js";
import { captionOf } from "./narration.js";
import { axisLength, SPEEDS } from "./playback.js";

const ICONS = {
  home: "M5 4h2v12H5zM16 4v12L8 10z",
  back: "M14 4v12L5 10z",
  play: "M6 3.5v13L17 10z",
  pause: "M5 4h3.5v12H5zM11.5 4H15v12h-3.5z",
  next: "M6 4v12l9-6z",
};

function icon(name) {
  return makeSvg(
    "svg",
    { viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" },
    makeSvg("path", { d: ICONS[name] }),
  );
}

function iconButton(name, text, action) {
  const button = make(
    "button",
    { type: "button", class: `icon ${name}`, "aria-label": text, title: text },
    icon(name),
  );
  button.onclick = action;
  return button;
}

// actions: {home, step(by), toggle, goToIndex(index), speed(factor)}
export function buildPlaybackBar(stage, actions) {
  const { say, model, compact } = stage;
  const play = make("button", { type: "button", class: "play" });
  play.onclick = actions.toggle;
  const slider = make("input", {
    type: "range",
    min: "0",
    max: String(axisLength(model.steps, stage.back) - 1),
    step: "1",
    "aria-label": say("Position: forward, then backward"),
  });
  slider.oninput = () => actions.goToIndex(Number(slider.value));
  const halves = make(
    "div",
    { class: "halves", "aria-hidden": "true" },
    make("span", {}, say("forward →")),
    stage.back ? make("span", {}, say("← backward")) : null,
  );
  const speed = make(
    "select",
    { "aria-label": say("Speed") },
    ...SPEEDS.map((factor) => make("option", { value: String(factor) }, `${factor}×`)),
  );
  speed.value = "1";
  speed.onchange = () => actions.speed(Number(speed.value));
  const phase = make("span", { class: "phase" });
  const caption = make("span", { class: "caption" });
  const bar = make(
    "div",
    { class: "playback", role: "toolbar", "aria-label": say("Playback") },
    compact ? null : iconButton("home", say("To the start"), actions.home),
    compact ? null : iconButton("back", say("Step back"), () => actions.step(-1)),
    play,
    compact ? null : iconButton("next", say("Step forward"), () => actions.step(1)),
    make("div", { class: "slider" }, slider, halves),
    compact ? null : speed,
  );
  const heading = make("div", { class: "heading" }, make("div", { class: "now" }, phase, caption));
  return { bar, heading, play, slider, phase, caption };
}

export function showPosition(playbackBar, stage, position, index) {
  const { say, model } = stage;
  const back = position.phase === "backward";
  const caption = captionOf(model, position, say);
  setText(playbackBar.phase, back ? say("← backward") : say("forward →"));
  setText(playbackBar.caption, caption);
  playbackBar.slider.value = String(index);
  playbackBar.slider.setAttribute("aria-valuetext", caption);
}

export function showPlaying(playbackBar, stage, playing) {
  const { say } = stage;
  playbackBar.play.replaceChildren(
    icon(playing ? "pause" : "play"),
    make("span", {}, playing ? say("Pause") : say("Play")),
  );
}
