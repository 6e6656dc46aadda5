// What one mounted live view remembers from one payload to the next.

/**
 * @typedef {object} ChartView
 * @property {SVGElement} svg
 * @property {HTMLElement} readout
 * @property {number} width measured before a drawing; 0 if unknown
 * @property {number|null} cursorX
 * @property {[number, number]|null} brush both ends of a drag
 *
 * @typedef {object} View
 * @property {HTMLElement} root
 * @property {import("./payload.js").RacePayload} data the latest payload
 * @property {(english: string, values?: object) => string} say the translator
 * @property {(name: string, value: unknown) => void} setState informs Python
 * @property {"step"|"epoch"|"seconds"} axis
 * @property {[number, number]|null} zoomed the part of the axis that is shown; null for all of it
 * @property {number|null} savedStep the saved step that is shown; null for the present
 * @property {number} reportTimer
 * @property {Map<number, {now: number, progress: number}[]>} progress samples by contestant
 * @property {Object<string, ChartView>} charts by name
 * @property {Object<string, ReturnType<typeof import("./heatmap.js").createFigure>[]>} heatmaps
 * @property {number|null} drawnWidth
 * @property {ResizeObserver} observer
 * @property {() => void} draw
 * @property {() => void} drawTrainingCharts
 */

/** @returns {View} a view of `root` before its first payload */
export function createView(root) {
  const charts = {};
  for (const svg of root.querySelectorAll("[data-chart]")) {
    const readout = svg.parentElement.querySelector(".readout");
    charts[svg.dataset.chart] = { svg, readout, width: 0, cursorX: null, brush: null };
  }
  return {
    root,
    axis: "step",
    zoomed: null,
    savedStep: null,
    reportTimer: 0,
    progress: new Map(),
    charts,
    heatmaps: {},
    drawnWidth: null,
  };
}
