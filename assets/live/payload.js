// What the live view receives; rnnviz/ui/live/payload.py defines the same types, and a test
// compares them. Below the types: which contestants have what.

/**
 * The whole payload of one update.
 * @typedef {object} RacePayload
 * @property {Object<string, string>} strings translations by English message
 * @property {Object<string, Palette>} palette by theme: "light" and "dark"
 * @property {boolean} running
 * @property {number} totalSteps the most training steps of any contestant
 * @property {number|null} stepsPerEpoch null where the examples never repeat
 * @property {Baseline[]} baselines chance first
 * @property {boolean} baselinesPending whether more of them are being computed
 * @property {string} metricName
 * @property {string} metricTitle the metric and on what it is measured
 * @property {string} metricUnit
 * @property {boolean} isShare whether the metric is 1 at most and shown in percent
 * @property {boolean} lowerIsBetter
 * @property {string[]} tokens those of the fixed example, or its beginning
 * @property {NumericTokens|null} numericTokens null where the tokens are text
 * @property {string} joiner what stands between two tokens
 * @property {number[]} savedSteps the training steps whose weights are stored
 * @property {Contestant[]} contestants
 * @property {Answer[]} answers one per question
 * @property {string} signsNote what the signs in the answers mean; may be empty
 */

/**
 * @typedef {object} Palette
 * @property {string[]} diverging negative, zero, positive
 * @property {string[]} sequential small to large
 */

/**
 * @typedef {object} Baseline
 * @property {string} title
 * @property {number|null} validationMetric
 * @property {number|null} validationLoss
 */

/**
 * @typedef {object} NumericTokens
 * @property {number} count
 * @property {string} first
 * @property {string} last
 */

/**
 * One kind of model with all its runs; curves are the median of its seeds.
 * @typedef {object} Contestant
 * @property {string} code
 * @property {string} name
 * @property {string} colour
 * @property {string} state
 * @property {string} stateTitle
 * @property {number|null} queuePosition how many runs start before it; null unless it is queued
 * @property {string} sizeText
 * @property {string} testStepText when the metric was measured; empty where that is the latest step
 * @property {number} multiplyAdds of one training step, forward
 * @property {number} seeds
 * @property {number|null} totalSteps null while the time limit ends it at an unknown speed
 * @property {number} step
 * @property {number} progress from 0 to 1
 * @property {number|null} stepsPerSecond
 * @property {number|null} latestValidationMetric
 * @property {Curve} trainLoss
 * @property {Curve} validationMetric
 * @property {SettingsChange[]} changes
 * @property {Snapshot|null} snapshot
 * @property {GradientHistory|null} gradientHistory
 */

/**
 * @typedef {object} Curve
 * @property {number[]} steps
 * @property {(number|null)[]} seconds
 * @property {(number|null)[]} values
 * @property {(number|null)[]} [low] lower end of the band, for several seeds
 * @property {(number|null)[]} [high] upper end of the band
 */

/**
 * A setting that was changed while the race was running.
 * @typedef {object} SettingsChange
 * @property {number} step
 * @property {number|null} seconds
 * @property {string} text
 */

/**
 * A look inside the first seed's model at one training step.
 * @typedef {object} Snapshot
 * @property {number} step
 * @property {(number|null)[]} gradientNorms at each time step; empty without a hidden state
 * @property {number[]} timeSteps those of `hiddenStates`, counted from 1
 * @property {number} units
 * @property {string} hiddenStates packed float32, (timeSteps, units)
 * @property {Attention|null} attention
 * @property {string|null} generatedText
 */

/**
 * @typedef {object} Attention
 * @property {number} outputSteps
 * @property {number} inputSteps
 * @property {string} weights packed bytes, 255 for a weight of 1, (outputSteps, inputSteps)
 */

/**
 * @typedef {object} GradientHistory
 * @property {number[]} steps
 * @property {number[]} timeSteps counted from 1
 * @property {string} logs packed int16: log10 of the norms times 500, (steps, timeSteps)
 */

/**
 * One fixed question with the answer of each contestant.
 * @typedef {object} Answer
 * @property {string} question
 * @property {string} target
 * @property {(string|null)[]} answers
 * @property {(boolean|null)[]} correct null where an answer is neither right nor wrong
 * @property {NamedCurve[]} sharedCurves those that are the same for all contestants
 * @property {NamedCurve[][]} curves those of each contestant
 */

/**
 * @typedef {object} NamedCurve
 * @property {string} name
 * @property {number[]} xs
 * @property {(number|null)[]} ys
 */

/** @param {Contestant[]} contestants */
export function withHiddenStates(contestants) {
  return contestants.filter(({ snapshot }) => snapshot?.gradientNorms.length);
}

/** @param {Contestant[]} contestants */
export function withAttention(contestants) {
  return contestants.filter(({ snapshot }) => snapshot?.attention);
}

/** @param {Contestant[]} contestants */
export function withGradientHistory(contestants) {
  return contestants.filter(({ gradientHistory }) => gradientHistory);
}

/** The names of those whose models have no hidden state. @param {Contestant[]} contestants */
export function namesWithoutHiddenStates(contestants) {
  return contestants
    .filter(({ snapshot }) => snapshot && !snapshot.gradientNorms.length)
    .map(({ name }) => name);
}
