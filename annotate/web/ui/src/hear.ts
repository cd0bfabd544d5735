// hear listens to what the server tells as it happens, while the page is seen. Browsers
// keep few connections to one server for all their tabs: one that is behind gives up its
// own, or the tab in front could wait for its films. What it missed it is told when it
// is seen again, since at names an address that says from where.
export function hear(at: () => string, tells: Record<string, (data: unknown) => void>, stands: (open: boolean) => void = () => undefined): () => void {
  let stream: EventSource | null = null;
  let timer = 0;
  const start = (): void => {
    stream = new EventSource(at());
    for (const [name, tell] of Object.entries(tells)) {
      stream.addEventListener(name, (e) => tell(JSON.parse((e as MessageEvent<string>).data)));
    }
    stream.addEventListener("open", () => stands(true));
    stream.addEventListener("error", () => {
      stands(false);
      // One that was refused does not ask again by itself.
      if (stream?.readyState === EventSource.CLOSED) timer = window.setTimeout(seen, again);
    });
  };
  const stop = (): void => {
    clearTimeout(timer);
    stream?.close();
    stream = null;
  };
  const seen = (): void => {
    clearTimeout(timer);
    if (document.hidden) timer = window.setTimeout(stop, patience);
    else if (!stream || stream.readyState === EventSource.CLOSED) start();
  };
  document.addEventListener("visibilitychange", seen);
  start();
  return () => {
    document.removeEventListener("visibilitychange", seen);
    stop();
  };
}

const patience = 10_000; // ms that a page listens on which is behind
const again = 3000; // ms until it asks once more where it was refused
