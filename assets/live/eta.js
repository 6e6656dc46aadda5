// How long a run will take, from how far it got lately by the visitor's own clock.

const WINDOW = 8; // seconds that count: races share the processors, and their number changes
const SHORTEST = 1; // seconds before anything can be said

// Remember that `share` (0 to 1) is done at the time `now`, in seconds; what is old is dropped.
export function remember(samples, now, share) {
  const last = samples[samples.length - 1];
  const kept = last && share < last.share ? [] : samples.filter((each) => now - each.now <= WINDOW);
  return [...kept, { now, share }];
}

// The seconds that are left, or null when nobody can know yet.
export function timeLeft(samples) {
  const first = samples[0];
  const last = samples[samples.length - 1];
  if (!first || last.now - first.now < SHORTEST || last.share <= first.share) return null;
  return ((1 - last.share) * (last.now - first.now)) / (last.share - first.share);
}

// Seconds as people say them: whole ones, from two minutes on minutes.
export function roughly(seconds, say) {
  if (seconds < 120) return say("about {count} s left", { count: Math.max(1, Math.round(seconds)) });
  return say("about {count} min left", { count: Math.round(seconds / 60) });
}
