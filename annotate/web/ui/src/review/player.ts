import { computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import { api, Refused, type Proposals, type Recording } from "../api.ts";
import type { Frames } from "../frames.ts";
import { told } from "../words/told.ts";
import { Deck } from "./deck.ts";
import { Unplayable } from "./grow.ts";
import { badly, covers, longLead, readyFor, shortLead, sourceFor, type Source } from "./source.ts";

// Films are what a player shows.
export interface Films {
  readonly recordings: ReadonlySignal<Recording[]>;
  readonly proposed: ReadonlySignal<Record<string, Proposals>>;
  recording(id: string): Recording | undefined;
  frames(id: string): Frames;
  lengthS(id: string): number; // 0: nobody knows yet
}

// Player shows the films of a visit, one at a time, to the frame. What it is asked for
// while it is on its way somewhere else it goes to next; of several such, to the last.
// Two decks take turns: one is on the screen while the other gets ready.
export class Player {
  readonly recording = signal("");
  readonly now = signal(0); // when the picture on the screen begins, in seconds of the film
  readonly playing = signal(false);
  readonly speed = signal(1); // as it was chosen
  readonly pace = signal(0); // as it goes: below 0 backwards, 0 not at all
  readonly waiting = signal(false); // what is wanted takes time to come
  readonly wish = signal<Wish | null>(null); // what is wanted and not there yet
  readonly trouble = signal("");
  readonly front = signal<Deck>(null!);
  readonly frames = computed<Frames>(() => this.films.frames(this.recording.value));
  readonly index = computed(() => this.frames.value.nearest(this.now.value));
  readonly aimS = computed(() => this.wish.value?.s ?? this.now.value); // where it is, or will be
  readonly kind = signal<Source["kind"] | "">("");
  range: (() => { from: number; to: number } | null) | null = null; // frames to repeat, the last included

  private back: Deck;
  private readonly bad = new Set<string>();
  private running: Promise<void> | null = null;
  private stop: AbortController | null = null;
  private loading: Source | null = null;
  private rewind = 0;
  private readonly offs: (() => void)[] = [];

  constructor(private readonly films: Films) {
    const deck = (): Deck => this.made();
    this.front.value = deck();
    this.back = deck();
    this.back.element.muted = true;
    this.offs.push(effect(() => {
      const known = this.films.recordings.value;
      if (!this.playing.value) untracked(() => this.improve(known.length > 0));
    }));
  }

  get elements(): HTMLVideoElement[] {
    return [this.front.peek().element, this.back.element];
  }

  close(): void {
    this.pause();
    this.stop?.abort();
    this.wish.value = null;
    for (const off of this.offs) off();
    this.front.peek().clear();
    this.back.clear();
  }

  // seek shows a frame; with light only where that takes no clip to be made.
  seek(index: number, recording = this.recording.peek(), light = false): void {
    const frames = this.films.frames(recording);
    this.want({ recording, s: frames.middle(frames.bound(index)), light, anew: false });
  }

  seekS(s: number, light = false): void {
    this.seek(this.frames.peek().index(s), this.recording.peek(), light);
  }

  // begin is where a film is first seen, before its frames may be known.
  begin(recording: string, s: number): void {
    this.want({ recording, s, light: false, anew: false });
  }

  // settle brings what was lightly wished for.
  settle(): void {
    const wish = this.wish.peek();
    if (wish?.light) this.want({ ...wish, light: false });
  }

  // step goes on by frames. A key that is held does not run ahead of what is shown.
  step(frames: number, held = false): void {
    this.pause();
    if (!held || !this.running) this.seek(this.aim() + frames);
  }

  jump(s: number, held = false): void {
    if (!held || !this.running) this.seekS(this.frames.peek().startS(this.aim()) + s);
  }

  // aim is the frame that is shown, or will be.
  private aim(): number {
    const wish = this.wish.peek();
    return wish ? this.frames.peek().index(wish.s) : this.index.peek();
  }

  play(rate = this.speed.peek()): void {
    this.halt();
    this.playing.value = true;
    this.pace.value = rate;
    const again = this.range?.();
    if (again && (this.aim() < again.from || this.aim() >= again.to)) this.seek(again.from);
    else if (this.aim() >= this.frames.peek().count - 1) this.seek(0);
    if (!this.wish.peek()) this.start(); // else once it is there
  }

  private start(): void {
    const e = this.front.peek().element;
    e.preservesPitch = true;
    e.playbackRate = this.pace.peek();
    e.muted = false;
    e.play().catch((why: Error) => {
      if (why.name === "NotAllowedError") this.pause();
    });
  }

  pause(): void {
    this.halt();
    this.playing.value = false;
    this.pace.value = 0;
    this.front.peek().element.pause();
  }

  toggle(): void {
    if (this.pace.peek() === 0) this.play();
    else this.pause();
  }

  setSpeed(x: number): void {
    this.speed.value = x;
    if (this.pace.peek() <= 0) return;
    this.pace.value = x;
    this.front.peek().element.playbackRate = x;
  }

  // forward plays, and twice as fast each time.
  forward(): void {
    this.play(this.pace.peek() >= 1 ? Math.min(fastest, this.pace.peek() * 2) : 1);
  }

  // backward shows the frames before, one after the other: no browser plays backwards.
  backward(): void {
    const rate = this.pace.peek() < 0 ? Math.max(-fastest, this.pace.peek() * 2) : -1;
    this.pause();
    this.pace.value = rate;
    const begun = performance.now();
    const from = this.frames.peek().startS(this.aim());
    const turn = (t: number): void => {
      const s = from + (rate * (t - begun)) / 1000;
      this.seekS(s);
      if (s <= 0) this.pause();
      else this.rewind = requestAnimationFrame(turn);
    };
    this.rewind = requestAnimationFrame(turn);
  }

  private halt(): void {
    cancelAnimationFrame(this.rewind);
  }

  private want(wish: Wish): void {
    if (this.recording.peek() !== wish.recording) {
      this.recording.value = wish.recording;
      this.now.value = wish.s;
    }
    this.wish.value = wish;
    this.trouble.value = "";
    if (this.loading && !covers(this.loading, wish.recording, wish.s)) this.stop?.abort();
    this.running ??= this.run().finally(() => {
      this.running = null;
      this.waiting.value = false;
    });
  }

  // run fulfils wishes until there is none.
  private async run(): Promise<void> {
    for (let wish = this.wish.peek(); wish; wish = this.wish.peek()) {
      const stop = new AbortController();
      this.stop = stop;
      const slow = setTimeout(() => (this.waiting.value = true), unnoticed);
      let done = true;
      try {
        if (!(await this.bring(wish, stop.signal)) && this.wish.peek() === wish) return clearTimeout(slow);
      } catch (e) {
        done = stop.signal.aborted || (await this.failed(e));
      }
      clearTimeout(slow);
      this.loading = null;
      if (done && this.wish.peek() === wish) this.wish.value = null;
    }
  }

  // bring brings a frame to the screen; false: not for as long as it is wished for lightly.
  private async bring(wish: Wish, signal: AbortSignal): Promise<boolean> {
    const front = this.front.peek();
    if (!wish.anew && covers(front.source, wish.recording, wish.s) && front.soon(wish.s)) {
      await (this.playing.peek() ? front.seek(wish.s, signal) : front.show(wish.s, this.is(wish), signal));
      if (this.playing.peek() && front.element.paused) this.start();
      return true;
    }
    const recording = this.films.recording(wish.recording);
    if (!recording) return true;
    if (!covers(this.back.source, wish.recording, wish.s) || !this.back.soon(wish.s) || wish.anew) {
      const source = this.source(recording, wish.s, wish.s < this.now.peek() ? longLead : shortLead);
      if (wish.light && source.kind === "clip") return false;
      this.loading = source;
      await this.back.load(source, signal);
    }
    await this.back.show(wish.s, this.is(wish), signal);
    this.swap();
    return true;
  }

  private source(r: Recording, s: number, lead = shortLead): Source {
    const found = this.films.proposed.peek()[r.id];
    const known = { frames: this.films.frames(r.id), lengthS: this.films.lengthS(r.id), bad: this.bad, ready: found?.final ? readyFor(found.moments) : [] };
    return sourceFor(r, s, known, lead);
  }

  private is(wish: Wish): (at: number) => boolean {
    return (at) => {
      const frames = this.films.frames(wish.recording);
      return frames.nearest(at) === frames.index(wish.s);
    };
  }

  private swap(): void {
    const was = this.front.peek();
    const next = this.back;
    this.back = was;
    this.front.value = next;
    this.kind.value = next.source?.kind ?? "";
    this.seen(next);
    was.element.muted = true;
    was.clear();
    if (this.playing.peek()) this.start();
  }

  // failed tells whether the wish is given up. A server that is away or has no time is
  // asked again.
  private async failed(e: unknown): Promise<boolean> {
    const source = this.loading ?? this.front.peek().source;
    const later = e instanceof TypeError || (e instanceof Refused && (e.status === 503 || e.status === 429));
    const broken = e instanceof Unplayable && source !== null;
    if (broken && source === this.front.peek().source) this.front.peek().clear();
    if (later || (broken && !(await api.there(source.address)))) {
      await new Promise((done) => setTimeout(done, busy));
      return false;
    }
    if (broken && source.kind !== "clip") {
      this.bad.add(badly(source));
      return false;
    }
    this.trouble.value = told(e);
    this.pause();
    return true;
  }

  // improve takes a better source, where there is one now, at the same frame.
  private improve(known: boolean): void {
    const at = this.front.peek().source;
    const recording = at && known ? this.films.recording(at.recording) : undefined;
    if (!at || !recording || this.wish.peek()) return;
    const s = this.frames.peek().middle(this.index.peek());
    if (this.source(recording, s).kind !== at.kind) this.want({ recording: at.recording, s, light: false, anew: true });
  }

  private made(): Deck {
    const deck = new Deck((d) => this.seen(d), (d) => this.cut(d));
    deck.element.addEventListener("ended", () => deck === this.front.peek() && this.ended());
    deck.element.addEventListener("pause", () => deck === this.front.peek() && !deck.element.ended && this.pace.peek() > 0 && this.pause());
    return deck;
  }

  // cut off in the middle: it is asked for again.
  private cut(deck: Deck): void {
    deck.clear();
    if (deck === this.front.peek()) this.seek(this.index.peek());
  }

  private seen(deck: Deck): void {
    if (deck !== this.front.peek() || deck.source?.recording !== this.recording.peek() || Number.isNaN(deck.at)) return;
    this.now.value = deck.at;
    if (!this.playing.peek() || this.wish.peek()) return;
    const again = this.range?.();
    if (again && this.index.peek() > again.to) this.seek(again.from);
    else this.prepare(deck.source);
  }

  // prepare has the clip ready that follows the one that is playing.
  private prepare(now: Source): void {
    const recording = this.films.recording(now.recording);
    if (!recording || now.kind !== "clip" || now.until - this.now.peek() > ahead || covers(this.back.source, now.recording, now.until)) return;
    if (now.until >= this.films.lengthS(recording.id) - shortest || this.back.source) return;
    const next = this.source(recording, now.until + shortLead);
    this.back.load(next, new AbortController().signal).catch(() => this.back.clear());
  }

  // ended goes on with what follows: the next clip, or the next film.
  private ended(): void {
    const now = this.front.peek().source;
    const all = this.films.recordings.peek();
    const i = all.findIndex((r) => r.id === this.recording.peek());
    const film = all[i];
    if (!now || !film) return;
    const again = this.range?.();
    const more = now.until < this.films.lengthS(film.id) - shortest;
    const next = this.frames.peek().index(now.until);
    if (again && (!more || next > again.to)) return this.seek(again.from);
    if (more) return this.seek(next);
    if (all[i + 1]) return this.seek(0, all[i + 1]!.id);
    this.pause();
  }
}

// Wish is a frame that is to be shown, by a time within it.
export interface Wish {
  recording: string;
  s: number;
  light: boolean; // not worth a clip
  anew: boolean; // from another source than the one on the screen
}

const fastest = 4;
const unnoticed = 120; // ms that somebody waits without noticing
const busy = 1000; // ms until one who had no time is asked again
const ahead = 5; // seconds before a clip's end at which the next is made
const shortest = 0.05; // seconds: what is left of a film is nothing
