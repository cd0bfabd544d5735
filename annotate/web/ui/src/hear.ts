// hear listens to what the server tells as it happens, while the page is seen. Browsers
// keep few connections to one server for all their tabs: one that is behind gives up its
// own, or the tab in front could wait for its films. A connection that is lost the browser
// makes again by itself, and names the last it was told. One that was given up begins
// anew, at the address that at gives then: what was missed is to be asked for there, or
// is told by the server, which begins with a reset.
export function hear(at: () => string | Promise<string>, tells: Record<string, (data: unknown) => void>, stands: (open: boolean) => void = () => undefined): () => void {
  let stream: EventSource | null = null;
  let timer = 0;
  let turn = 0; // counts the beginnings and ends
  const start = async (): Promise<void> => {
    const mine = ++turn;
    stream = null;
    try {
      const address = await at();
      if (mine === turn) listen(address);
    } catch {
      if (mine !== turn) return;
      stands(false);
      timer = window.setTimeout(seen, again);
    }
  };
  const listen = (address: string): void => {
    stream = new EventSource(address);
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
    turn++;
    clearTimeout(timer);
    stream?.close();
    stream = null;
  };
  const seen = (): void => {
    clearTimeout(timer);
    if (document.hidden) timer = window.setTimeout(stop, patience);
    else if (!stream || stream.readyState === EventSource.CLOSED) void start();
  };
  document.addEventListener("visibilitychange", seen);
  void start();
  return () => {
    document.removeEventListener("visibilitychange", seen);
    stop();
  };
}

const patience = 10_000; // ms that a page listens on which is behind
const again = 3000; // ms until it asks once more where it was refused
