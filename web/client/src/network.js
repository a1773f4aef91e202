// Whether the device has a network, as far as the browser tells. Node tells nothing: there, only pings find out.

/** Calls back when the device goes offline and comes back; answers a function that ends this. */
export function watchNetwork(source, { onOnline, onOffline }) {
  const listeners = Object.entries({ online: onOnline, offline: onOffline });
  for (const [type, listener] of listeners) source?.addEventListener?.(type, listener);
  return () => {
    for (const [type, listener] of listeners) source?.removeEventListener?.(type, listener);
  };
}
