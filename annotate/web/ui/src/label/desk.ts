import { computed, effect, signal, untracked } from "@preact/signals";
import { api, type Label, type Labelled, type Proposals, type Recording } from "../api.ts";
import { even, read as readFrames, type Frames } from "../frames.ts";
import { lasting, read } from "../keeper.ts";
import type { Action } from "../keys.ts";
import { durationS } from "../model.ts";
import { Player, type Films } from "../review/player.ts";
import { Timed } from "../review/timed.ts";
import { Notebook } from "./notebook.ts";
import { at, edges, erase, find, move, nearest, note, press, round, step, stop, tracks, type Edge, type Mark, type Marks, type Track, type TrackName } from "./sheet.ts";

// Film is the one that is labelled, for a player. Nothing of it is proposed.
class Film implements Films {
  readonly recordings = signal<Recording[]>([]);
  readonly proposed = signal<Record<string, Proposals>>({});
  private readonly pictures = signal<Frames | null>(null);
  private timer = 0;

  constructor(readonly doc: Labelled) {
    this.recordings.value = [doc.film];
    void this.fetch();
    if (!doc.film.playable) this.watch();
  }

  recording(id: string): Recording | undefined {
    return this.recordings.value.find((r) => r.id === id);
  }

  frames(): Frames {
    return this.pictures.value ?? even(durationS(this.doc.film));
  }

  lengthS(): number {
    return durationS(this.doc.film);
  }

  close(): void {
    clearTimeout(this.timer);
  }

  // fetch asks when its pictures are shown; sound alone has no such list.
  private async fetch(): Promise<void> {
    try {
      const list = await api.frames(this.doc.film.id);
      if (list) this.pictures.value = readFrames(list);
    } catch {
      this.timer = window.setTimeout(() => void this.fetch(), again);
    }
  }

  // watch asks whether there is a copy by now that any browser plays.
  private watch(): void {
    this.timer = window.setTimeout(() => {
      api.labelled().then(({ film }) => {
        const [was] = this.recordings.peek();
        if (was?.copy !== film.copy) this.recordings.value = [film];
        if (film.copy !== "whole") this.watch();
      }, () => this.watch());
    }, again);
  }
}

const again = 3000; // ms

// LabelDesk is what a person has before them who labels: the film, the sheet, and all
// that can be done to it, by whatever key, button or finger.
export class LabelDesk extends Timed {
  readonly player: Player;
  readonly shows: Films;
  readonly book = new Notebook();
  readonly track = signal<Track>(tracks[0]!);
  readonly by = signal("");
  readonly drawn = signal<{ track: TrackName; mark: Mark; edge: Edge; s: number } | null>(null); // an edge that is drawn along
  readonly writing = signal(false); // a note is to be written
  readonly marks = computed<Marks>(() => this.book.sheet.value[this.track.value.name]);
  readonly here = computed(() => this.time());
  readonly current = computed<Mark | null>(() => {
    const all = at(this.marks.value, this.here.value);
    return (this.picked.value && all.find((m) => m === find(all, this.picked.value!))) || all[0] || null;
  });

  private readonly picked = signal<Mark | null>(null);
  private readonly aimed = signal<number | null>(null); // where it was gone to, on the grid
  private readonly offs: (() => void)[] = [];

  constructor(readonly doc: Labelled) {
    const film = new Film(doc);
    super(film);
    this.shows = film;
    this.player = new Player(film);
    this.book.open(doc);
    const was = read<Memory>(lasting, this.memory, {});
    this.by.value = doc.by || was.by || lastBy(doc.labels);
    this.track.value = tracks.find((t) => t.name === was.track) ?? tracks[0]!;
    this.player.begin(doc.film.id, was.s ?? Math.max(0, ...this.marks.peek().map((m) => m.end_s)));
    const s = this.player.aimS.peek();
    if (this.length > wide) this.view.value = { from: Math.max(0, Math.min(s - wide / 10, this.length - wide)), to: Math.max(wide, Math.min(s + 0.9 * wide, this.length)) };
    this.offs.push(() => film.close());
    this.offs.push(effect(() => {
      const s = this.here.value;
      if (!this.player.wish.value || this.aimed.value !== null) untracked(() => this.book.grow(s));
    }));
    this.offs.push(effect(() => {
      if (this.player.pace.value !== 0) this.aimed.value = null;
    }));
  }

  close(): void {
    this.remember();
    this.book.send();
    for (const off of this.offs) off();
    this.player.close();
  }

  // time is where labels begin and end now: the time of the picture on the screen, to
  // 0.1 s, or the one that was gone to, which that picture shows too.
  private time(): number {
    const frames = this.player.frames.value;
    const i = frames.index(this.player.aimS.value);
    const aimed = this.aimed.value;
    if (aimed !== null && frames.index(aimed) === i) return aimed;
    return Math.min(round(i >= frames.count - 1 ? this.length : frames.startS(i)), this.last);
  }

  // last time at which a label may end.
  private get last(): number {
    return round(Math.floor(this.length / step + 1e-6) * step);
  }

  // go shows a time of the grid.
  go(s: number, light = false): void {
    const to = Math.min(Math.max(0, round(s)), this.last);
    this.aimed.value = to;
    this.player.seekS(to, light);
    if (!light) this.follow(to);
  }

  override scrub(s: number, light = false): void {
    this.go(s, light);
  }

  tenths(n: number, held = false): void {
    this.player.pause();
    if (!held || !this.player.wish.peek()) this.go(this.here.peek() + n * step);
  }

  pictures(n: number, held: boolean): void {
    this.aimed.value = null;
    this.player.step(n, held);
  }

  choose(t: Track): void {
    this.track.value = t;
    this.picked.value = null;
  }

  turn(by: number): void {
    const i = tracks.indexOf(this.track.peek()) + by;
    if (tracks[i]) this.choose(tracks[i]);
  }

  // pick goes to a mark.
  pick(t: Track, m: Mark, s = m.start_s): void {
    this.choose(t);
    this.picked.value = m;
    this.player.pause();
    this.go(s);
    this.show(m.start_s, m.end_s);
  }

  // state is what a digit does.
  state(n: number): void {
    const t = this.track.peek();
    const word = t.words[n - 1];
    if (n === 0) this.change(stop(this.marks.peek(), this.here.peek()));
    else if (word) this.change(press(t, this.marks.peek(), word, this.here.peek(), this.by.peek().trim()));
  }

  // bound has a label begin or end here: the one that holds, or the next one there is.
  bound(edge: Edge): void {
    const s = this.here.peek();
    const all = this.marks.peek();
    const m = this.current.peek() ?? (edge === "start_s" ? all.find((x) => x.start_s > s) : all.findLast((x) => x.end_s <= s));
    if (m) this.shift(this.track.peek(), m, edge, s);
  }

  // shift moves an edge.
  shift(t: Track, m: Mark, edge: Edge, s: number): void {
    const marks = this.book.sheet.peek()[t.name];
    const now = find(marks, m);
    if (now) this.change(move(t, marks, now, edge, s), t.name);
  }

  // nudge moves the nearest edge, and shows where it is then.
  nudge(by: number): void {
    const t = this.track.peek();
    const near = nearest(this.marks.peek(), this.here.peek());
    if (!near) return;
    this.player.pause();
    const marks = move(t, this.marks.peek(), near.mark, near.edge, near.mark[near.edge] + by * step);
    const moved = marks.find((m) => m.label === near.mark.label && (near.edge === "start_s" ? m.end_s === near.mark.end_s : m.start_s === near.mark.start_s));
    this.change(marks);
    if (moved) this.go(moved[near.edge]);
  }

  // edge goes to the edge before, or to the next.
  edge(by: number): void {
    const s = this.here.peek();
    const all = edges(this.marks.peek());
    const next = by > 0 ? all.find((x) => x > s + 1e-6) : all.findLast((x) => x < s - 1e-6);
    if (next === undefined) return;
    this.player.pause();
    this.go(next);
    this.show(next, next);
  }

  wipe(): void {
    const m = this.current.peek();
    if (m) this.change(erase(this.marks.peek(), m));
  }

  // write gives what keeps the note of a mark.
  write(t: Track, m: Mark): (text: string) => void {
    return (text) => {
      const marks = this.book.sheet.peek()[t.name];
      const now = find(marks, m);
      if (now && (now.note ?? "") !== text.trim()) this.change(note(marks, now, text), t.name);
    };
  }

  private change(marks: Marks, name = this.track.peek().name): void {
    const sheet = this.book.sheet.peek();
    if (marks !== sheet[name]) this.book.do({ ...sheet, [name]: marks });
  }

  keys(): Partial<Record<Action, (e: KeyboardEvent) => void>> {
    const p = this.player;
    return {
      play: () => p.toggle(), back: () => p.backward(), pause: () => p.pause(), forward: () => p.forward(),
      tenthBack: (e) => this.tenths(-1, e.repeat), tenthOn: (e) => this.tenths(1, e.repeat), secondBack: (e) => this.tenths(-10, e.repeat), secondOn: (e) => this.tenths(10, e.repeat),
      pictureBack: (e) => this.pictures(-1, e.repeat), pictureOn: (e) => this.pictures(1, e.repeat),
      trackBack: () => this.turn(-1), trackOn: () => this.turn(1), edgeBack: () => this.edge(-1), edgeOn: () => this.edge(1),
      edgeEarlier: () => this.nudge(-1), edgeLater: () => this.nudge(1), wipe: () => this.wipe(), in: () => this.bound("start_s"), out: () => this.bound("end_s"),
      note: () => (this.writing.value = this.current.peek() !== null),
      ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [`state${n}`, () => this.state(n)])),
      undo: () => this.book.undo(), redo: () => this.book.redo(), slower: () => this.faster(-1), faster: () => this.faster(1), zoomIn: () => this.zoom(0.5), zoomOut: () => this.zoom(2),
    };
  }

  // What the next page finds again: the track, the time, and who labels.
  private get memory(): string {
    return `dyade.labelling.${this.doc.dir}/${this.doc.film.name}`;
  }

  remember(): void {
    lasting.set(this.memory, JSON.stringify({ s: this.here.peek(), track: this.track.peek().name, by: this.by.peek() } satisfies Memory));
  }
}

const wide = 60; // seconds in view at first, of a longer film

interface Memory {
  s?: number;
  track?: TrackName;
  by?: string;
}

// lastBy is who labelled, where that was one alone.
function lastBy(labels: Record<string, Label[]>): string {
  const names = new Set(Object.values(labels).flatMap((all) => all.map((l) => l.by ?? "")));
  return names.size === 1 ? [...names][0]! : "";
}
