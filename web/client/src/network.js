// Whether the device has a network, as far as the browser reports it. Node reports nothing: there, only pings notice a loss.

/** Calls back when the device goes offline and comes back; returns a function that stops this. */
export function watchNetwork(source, { onOnline, onOffline }) {
  const listeners = Object.entries({ online: onOnline, offline: onOffline });
  for (const [type, listener] of listeners) source?.addEventListener?.(type, listener);
  return () => {
    for (const [type, listener] of listeners) source?.removeEventListener?.(type, listener);
  };
}
