// How the numbers of the training charts are written.
import { formatNumber, formatPercent } from "../common/format.js";
import { formatTick } from "./scale.js";

export const LOSS_FORMAT = { tick: formatTick, value: formatNumber };

// A share in percent, an error with its unit; where the unit has a place of its own, the `number`
// alone.
/** @param {import("./payload.js").RacePayload} data */
export function metricFormat({ isShare, metricUnit: unit }) {
  if (isShare) {
    const tick = (at) => `${Math.round(100 * at)} %`;
    return { tick, value: formatPercent, number: formatPercent, unit: "" };
  }
  const value = (metric) => `${formatNumber(metric)} ${unit}`.trim();
  return { tick: formatTick, value, number: formatNumber, unit };
}

// The title of the horizontal axis, and how the read-out names a point on it.
export function axisFormat(axis, say) {
  if (axis === "seconds") {
    const readout = (at) => say("{seconds} s", { seconds: formatNumber(at) });
    return { label: say("seconds of training"), readout };
  }
  if (axis === "epoch") {
    const readout = (at) => say("epoch {epoch}", { epoch: formatNumber(at) });
    return { label: say("epoch"), readout };
  }
  const readout = (at) => say("training step {step}", { step: at });
  return { label: say("training step"), readout };
}
