// A WebSocket of an application's own, with what the client needs of one. It is only compiled, never run.

export class Socket {
  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;
  send(_data: string) {}
  close(_code?: number) {}
}
