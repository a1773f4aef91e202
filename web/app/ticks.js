// Calls back as time passes: each second, and at once when the page returns from sleep, from the background or from the browser's
// cache of pages, where timers rest.

const WAKING = [
  [document, 'visibilitychange'],
  [document, 'resume'],
  [window, 'pageshow'],
  [window, 'focus'],
];

/** Calls until the signal aborts. */
export function onTick(action, signal) {
  const timer = setInterval(action, 1000);
  signal.addEventListener('abort', () => clearInterval(timer));
  for (const [target, type] of WAKING) target.addEventListener(type, action, { signal });
}
