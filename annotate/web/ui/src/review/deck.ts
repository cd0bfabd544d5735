import { grow, grows, once, Unplayable } from "./grow.ts";
import type { Source } from "./source.ts";

// Deck is one player of the browser's, with one source in it. It tells which picture is
// on the screen, by the time of the film at which that picture begins.
export class Deck {
  readonly element = document.createElement("video");
  source: Source | null = null;
  at = NaN; // seconds of the film
  private loading: AbortController | null = null;
  private awaited: { is: (at: number) => boolean; done: () => void } | null = null;

  constructor(
    private readonly seen: (deck: Deck) => void,
    private readonly failed: (deck: Deck, e: unknown) => void,
  ) {
    const e = this.element;
    e.playsInline = true;
    e.preload = "auto";
    e.disablePictureInPicture = true;
    e.tabIndex = -1;
    e.addEventListener("timeupdate", () => !this.pictures && this.source && this.see(e.currentTime));
    const look: VideoFrameRequestCallback = (_, frame) => {
      if (this.source) this.see(frame.mediaTime);
      e.requestVideoFrameCallback(look);
    };
    e.requestVideoFrameCallback(look);
  }

  get pictures(): boolean {
    return this.element.videoWidth > 0;
  }

  // soon tells whether a time of its source is there, or will be in a moment: what is being
  // made grows from its start.
  soon(s: number): boolean {
    const { buffered, duration } = this.element;
    const from = this.source?.from ?? 0;
    const until = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
    return this.source?.kind !== "clip" || s - from <= until + moment || until >= duration - moment;
  }

  // load makes it ready to show something of a source.
  async load(source: Source, signal: AbortSignal): Promise<void> {
    this.clear();
    this.source = source;
    const loading = new AbortController();
    this.loading = loading;
    const stop = (): void => loading.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      const known = once(this.element, "loadedmetadata", loading.signal);
      known.catch(() => undefined); // it is waited for below
      if (source.kind === "clip" && grows()) await grow(this.element, source.address, loading.signal, (e) => !loading.signal.aborted && this.failed(this, e));
      else this.element.src = source.address;
      await known;
    } catch (e) {
      if (this.loading === loading) this.clear();
      throw e;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  clear(): void {
    this.loading?.abort();
    this.loading = null;
    this.source = null;
    this.at = NaN;
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load();
  }

  // show brings a picture to the screen: the one at some seconds of the film, which is
  // told from others by its own time.
  async show(s: number, is: (at: number) => boolean, signal: AbortSignal): Promise<void> {
    await this.seek(s, signal);
    if (!this.pictures) {
      this.see(this.element.currentTime);
    } else if (!is(this.at)) {
      await new Promise<void>((done) => {
        const late = setTimeout(done, longest); // what it shows is told all the same
        this.awaited = { is, done: () => (clearTimeout(late), done()) };
      });
      this.awaited = null;
      signal.throwIfAborted();
    }
  }

  async seek(s: number, signal: AbortSignal): Promise<void> {
    if (this.element.error) throw new Unplayable(this.element);
    const there = once(this.element, "seeked", signal);
    this.element.currentTime = Math.max(0, s - (this.source?.from ?? 0));
    await there;
  }

  private see(mediaTime: number): void {
    if (!this.source) return;
    this.at = mediaTime > 0 ? mediaTime + this.source.from : this.source.first;
    this.seen(this);
    if (this.awaited?.is(this.at)) this.awaited.done();
  }
}

const moment = 1.5; // seconds that are worth waiting for
const longest = 400; // ms from when a player has a picture until it is on the screen
