// The browser's WebSocket, which also tells the page two things that the client keeps to itself.

/**
 * A WebSocket class that calls `onRateLimit(milliseconds)` when the server makes a message wait, and that counts as lost as
 * soon as the browser is offline: TCP would notice only after a minute or more.
 */
export function pageSocket({ onRateLimit }) {
  return class PageSocket extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols);
      const offline = () => {
        const close = this.onclose;
        this.close();
        close?.(new CloseEvent('close', { code: 1006 }));
      };
      addEventListener('offline', offline);
      this.addEventListener('close', () => removeEventListener('offline', offline));
      this.addEventListener('message', ({ data }) => {
        // Nearly every frame is something else: those are not parsed twice.
        if (!data.includes('"rate_limited"')) return;
        const frame = JSON.parse(data);
        for (const event of frame.events ?? [frame]) {
          if (event.type === 'error' && event.code === 'rate_limited') onRateLimit(event.retry_after_ms ?? 1000);
        }
      });
    }
  };
}
