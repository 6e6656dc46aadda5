// How long a contestant will take, from its recent progress by the visitor's own clock.

const WINDOW = 8; // seconds that count: races share the processors, and their number changes
const MIN_SPAN = 1; // seconds of progress before anything can be said

// `samples` with one more: `progress` (0 to 1) at the time `now`, in seconds; old ones are dropped.
export function addSample(samples, now, progress) {
  const last = samples[samples.length - 1];
  const restarted = last && progress < last.progress;
  const recent = restarted ? [] : samples.filter((sample) => now - sample.now <= WINDOW);
  return [...recent, { now, progress }];
}

// The seconds that are left, or null as long as they are unknown.
export function secondsLeft(samples) {
  const first = samples[0];
  const last = samples[samples.length - 1];
  if (!first || last.now - first.now < MIN_SPAN || last.progress <= first.progress) return null;
  return ((1 - last.progress) * (last.now - first.now)) / (last.progress - first.progress);
}

// Rounded to whole seconds; to minutes from two minutes on.
export function timeLeftText(seconds, say) {
  const count = Math.max(1, Math.round(seconds));
  if (seconds < 120) return say("about {count} s left", { count });
  return say("about {count} min left", { count: Math.round(seconds / 60) });
}
