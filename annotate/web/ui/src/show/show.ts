import { batch, effect, signal } from "@preact/signals";
import { facts } from "../facts.ts";
import { lasting } from "../keeper.ts";
import type { Open } from "../visit.ts";
import { Deck } from "./deck.ts";
import { key, lengthOf, rate, scenes, type FilmScene, type Scene } from "./scenes.ts";

const slowRate = 0.5; // of what the person asks to see slowly
const leastRate = 0.25;
const fade = 0.3; // s, as it is rendered
const slack = 1e-4; // s
const patience = 300; // ms until it is said that a picture is awaited

// Show plays scenes one after another, as the parent's screen and the preview do.
export class Show {
  readonly films = document.createElement("div"); // the two players, one above the other
  readonly veil = document.createElement("div"); // black, over all that fades
  readonly scenes = signal<Scene[]>([]);
  readonly index = signal(0); // of the scene that is asked for
  readonly screen = signal<Scene | null>(null); // what is seen: the one before, until its first picture is there
  readonly playing = signal(false);
  readonly slow = signal(false); // asked for
  readonly done = signal(false); // the scene was shown to its end
  readonly waiting = signal(false);
  readonly broken = signal(false); // the scene cannot be shown
  readonly blocked = signal(false); // the browser wants a person to press something first
  readonly through = signal(0); // of the scene, 0 to 1
  readonly rests = signal(lasting.get(restsKey) === "true"); // after each segment
  faded = false;

  private readonly decks = [new Deck(), new Deck()];
  private front: Deck | null = null; // none: a card is seen
  private coming: Deck | null = null; // has the first picture of what is asked for on its way
  private turn = 0; // counts what was asked to be shown
  private onStage = false;
  private wanted = 0; // timer of the preparation
  private prepared = false; // is wanted
  private frame = 0;
  private stamp = 0;
  private clock = 0; // s that a card was seen
  private hold = 0; // s for which a frozen picture is still to stand
  private frozen = false; // it has been
  private ending = 0; // s for which the last picture is still to stand
  private pictured = -1; // time in the film of the last picture that was seen

  constructor() {
    this.films.className = "films";
    this.veil.className = "veil";
    this.films.append(...this.decks.map((d) => d.video));
    for (const d of this.decks) this.watch(d);
    document.addEventListener("visibilitychange", this.hidden);
  }

  get last(): boolean {
    return this.index.value >= this.scenes.value.length - 1;
  }

  load(next: Scene[]): void {
    const at = this.scenes.peek()[this.index.peek()]?.entity;
    const found = next.findIndex((s) => s.entity === at);
    this.scenes.value = next;
    this.index.value = found >= 0 ? found : Math.max(0, Math.min(this.index.peek(), next.length - 1));
    const asked = next[this.index.peek()];
    if (this.onStage && found < 0) this.goOn();
    else if (this.coming?.scene && asked?.kind === "film" && key(asked) !== key(this.coming.scene)) void this.enter(this.index.peek());
    else if (this.onStage) this.cueNext();
    else if (this.prepared) this.prepare();
  }

  // goOn shows what stands where the scene stood that is no longer there.
  private goOn(): void {
    if (this.scenes.peek().length > 0) return void this.enter(this.index.peek());
    this.pause();
    this.turn++;
    this.front = this.coming = null;
    this.screen.value = null;
    for (const d of this.decks) d.video.classList.remove("front");
  }

  // prepare has the first picture ready, so that the show starts at once when it is asked for.
  prepare(): void {
    this.prepared = true;
    this.wanted ||= window.setTimeout(() => {
      this.wanted = 0;
      const first = this.scenes.peek().find((s) => s.kind === "film");
      if (!first || this.onStage || document.hidden) return;
      if (!this.decks.some((d) => d.holds(first))) this.decks[0]!.cue(first).catch(() => undefined);
    }, patience);
  }

  // begin shows what there is from a scene on.
  begin(i = 0): void {
    performance.clearMarks("dyade:seen"); // of what was shown before
    this.onStage = true;
    this.slow.value = false;
    this.go(i);
  }

  // leave ends the show, and has it ready to begin anew.
  leave(): void {
    this.pause();
    this.turn++;
    this.onStage = false;
    this.front = this.coming = null;
    batch(() => {
      this.index.value = 0;
      this.screen.value = null;
      this.waiting.value = this.broken.value = this.blocked.value = this.done.value = false;
    });
    if (this.prepared) this.prepare();
  }

  close(): void {
    this.prepared = false;
    clearTimeout(this.wanted);
    this.leave();
    document.removeEventListener("visibilitychange", this.hidden);
    for (const d of this.decks) d.empty();
  }

  next(): void {
    if (this.last) return;
    this.slow.value = false;
    this.go(this.index.peek() + 1);
  }

  previous(): void {
    this.slow.value = false;
    this.go(Math.max(0, this.index.peek() - 1));
  }

  again(): void {
    this.go(this.index.peek());
  }

  toggle(): void {
    if (this.done.peek()) {
      if (this.last) this.begin();
      else this.next();
    } else if (this.playing.peek()) this.pause();
    else this.play();
  }

  toggleSlow(): void {
    this.slow.value = !this.slow.peek();
    if (!this.slow.peek() || this.playing.peek()) return;
    if (this.done.peek()) this.again();
    else this.play();
  }

  toggleRests(): void {
    this.rests.value = !this.rests.peek();
    lasting.set(restsKey, String(this.rests.peek()));
  }

  play(): void {
    if (this.broken.peek()) {
      this.again();
      return;
    }
    this.playing.value = true;
    this.blocked.value = false;
    this.run();
  }

  pause(): void {
    this.playing.value = false;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.front?.video.pause();
  }

  private readonly hidden = (): void => {
    if (document.hidden) this.pause();
    else if (this.prepared && !this.onStage) this.prepare();
  };

  // watch hears of a player what it cannot be asked.
  private watch(d: Deck): void {
    const mine = (then: () => void) => () => d === this.front && this.screen.peek()?.kind === "film" && then();
    d.video.addEventListener("waiting", mine(() => (this.waiting.value = this.playing.peek())));
    d.video.addEventListener("playing", mine(() => (this.waiting.value = false)));
    d.video.addEventListener("error", mine(() => this.fail()));
    d.video.addEventListener("timeupdate", mine(() => this.frame || !this.playing.peek() || this.tick(performance.now())));
    const pictured = (_: number, p: VideoFrameCallbackMetadata): void => {
      if (d === this.front) this.pictured = d.zero + p.mediaTime;
      d.video.requestVideoFrameCallback(pictured);
    };
    d.video.requestVideoFrameCallback?.(pictured); // newer than some browsers
  }

  private go(i: number): void {
    this.playing.value = true;
    this.blocked.value = false;
    void this.enter(i);
  }

  // enter shows a scene from its start, once its first picture is there.
  private async enter(i: number): Promise<void> {
    const scene = this.scenes.peek()[i];
    if (!scene) return;
    const turn = ++this.turn;
    this.front?.video.pause();
    batch(() => {
      this.index.value = i;
      this.through.value = 0;
      this.done.value = this.broken.value = this.waiting.value = false;
    });
    if (scene.kind === "film") {
      const deck = (this.coming = this.deckFor(scene));
      const late = window.setTimeout(() => turn === this.turn && (this.waiting.value = true), patience);
      const there = await deck.cue(scene).then(() => true, () => false);
      clearTimeout(late);
      if (turn !== this.turn) return;
      this.coming = null;
      this.waiting.value = false;
      if (!there) {
        this.fail();
        return;
      }
      deck.used();
      this.bring(scene, deck);
    } else {
      this.coming = null;
      this.bring(scene, null);
    }
    if (this.playing.peek()) this.run();
    this.cueNext();
  }

  private bring(scene: Scene, deck: Deck | null): void {
    this.clock = this.hold = this.ending = 0;
    this.frozen = false;
    this.pictured = -1;
    this.front = deck;
    this.screen.value = scene;
    for (const d of this.decks) d.video.classList.toggle("front", d === deck);
    this.dim();
    requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("dyade:seen", { detail: scene.entity })));
  }

  private fail(): void {
    this.pause();
    this.waiting.value = false;
    this.broken.value = true;
  }

  private deckFor(scene: FilmScene): Deck {
    const free = this.decks.filter((d) => d !== this.front);
    return free.find((d) => d.holds(scene)) ?? free[0]!;
  }

  private cueNext(): void {
    const next = this.scenes.peek().slice(this.index.peek() + 1).find((s) => s.kind === "film");
    if (next && !this.coming) this.deckFor(next).cue(next).catch(() => undefined);
  }

  // run goes on with what is on the screen.
  private run(): void {
    this.stamp = performance.now();
    this.frame ||= requestAnimationFrame(this.tick);
    const s = this.screen.peek();
    if (!this.front || s?.kind !== "film" || this.hold > 0 || this.ending > 0) return;
    this.front.video.playbackRate = this.speed(s);
    this.front.video.play().catch((e: Error) => {
      if (e.name !== "NotAllowedError") return; // another scene took its place
      this.pause();
      this.blocked.value = true;
    });
  }

  private speed(s: FilmScene): number {
    return Math.max(leastRate, rate(s, this.front!.at) * (this.slow.peek() ? slowRate : 1));
  }

  private readonly tick = (now: number): void => {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (!this.playing.peek()) return;
    const past = Math.max(0, now - this.stamp) / 1000;
    this.stamp = now;
    const s = this.screen.peek();
    if (s === this.scenes.peek()[this.index.peek()] || s?.entity === this.scenes.peek()[this.index.peek()]?.entity) {
      if (s?.kind === "card") this.count(s.seconds, past);
      else if (s && this.front) this.follow(s, this.front, past);
      this.dim();
    }
    if (this.playing.peek()) this.frame = requestAnimationFrame(this.tick);
  };

  private count(seconds: number, past: number): void {
    this.clock += past;
    this.through.value = Math.min(1, this.clock / seconds);
    if (this.clock >= seconds) this.advance();
  }

  // follow sees to what is to happen at the times of a film.
  private follow(s: FilmScene, d: Deck, past: number): void {
    const at = Math.max(d.at, this.pictured);
    this.through.value = Math.min(1, Math.max(0, (at - s.start) / (s.end - s.start)));
    if (this.hold > 0) {
      this.hold -= past;
      if (this.hold <= 0) this.run();
    } else if (this.ending > 0) {
      this.ending -= past;
      if (this.ending <= 0) this.advance();
    } else if (s.freeze && !this.frozen && at >= s.freeze.at - slack) {
      d.video.pause();
      this.frozen = true;
      this.hold = s.freeze.seconds;
      if (d.seekable) d.video.currentTime = s.freeze.seek - d.zero;
      this.pictured = -1;
    } else if (at >= s.last - slack || d.video.ended) {
      d.video.pause();
      this.ending = Math.max(slack, (s.end - at) / this.speed(s));
    } else if (d.video.playbackRate !== this.speed(s)) d.video.playbackRate = this.speed(s);
  }

  private advance(): void {
    const film = this.screen.peek()?.kind === "film";
    if (this.last || (film && this.rests.peek())) {
      this.pause();
      this.through.value = 1;
      this.done.value = true;
      return;
    }
    this.slow.value = false;
    void this.enter(this.index.peek() + 1);
  }

  // dim draws the veil as far as a fade wants it now, and lowers the sound by as much.
  private dim(): void {
    const s = this.screen.peek();
    const dark = this.faded && s ? 1 - Math.min(1, Math.max(0, this.edge(s) / Math.min(fade, lengthOf(s) / 3))) : 0;
    this.veil.style.opacity = dark.toFixed(3);
    if (this.front) this.front.video.volume = 1 - dark;
  }

  // edge is how far the nearer end of the scene is, in seconds.
  private edge(s: Scene): number {
    if (this.done.peek()) return fade;
    if (s.kind === "card") return Math.min(this.clock, s.seconds - this.clock);
    const at = this.front?.at ?? s.start;
    return Math.min(at - s.start, this.ending > 0 ? this.ending : (s.end - at) / rate(s, at));
  }
}

const restsKey = "dyade.rests";

const shows = new WeakMap<Open, Show>();

// showOf is the show of a visit's reel as it is now, one for all who play it.
export function showOf(open: Open): Show {
  const had = shows.get(open);
  if (had) return had;
  const show = new Show();
  shows.set(open, show);
  open.atClose(effect(() => {
    show.faded = facts.get(open.review.facts.value, "reel/main", "faded") === true;
    const films = open.films.value;
    show.load(scenes(open.views.items.value, open.recordings.value, (id) => films[id]));
  }));
  open.atClose(() => show.close());
  return show;
}
