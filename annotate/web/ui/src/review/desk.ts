import { computed, effect, signal, untracked } from "@preact/signals";
import type { Role } from "../api.ts";
import { facts } from "../facts.ts";
import { ofTab, read } from "../keeper.ts";
import type { Action } from "../keys.ts";
import { identity, objectives, roleSaid, segments, tagPrefix, type Objective, type Segment, type Wanted } from "../model.ts";
import { seconds } from "../time.ts";
import type { Open } from "../visit.ts";
import { again, decide, dropped, endS, entries, firstFrame, frozen, lastFrame, lasting, made, moved, removed, slowed, span, startS, undecided, type Entry } from "./entries.ts";
import { Player } from "./player.ts";
import { tagOf } from "./tags.ts";
import { Timed } from "./timed.ts";

// Desk is what a person has before them on the review page: the films, what they are
// looking at, and all that can be done to it, by whatever key, button or finger.
export class Desk extends Timed {
  readonly player: Player;
  readonly entries = computed(() => (this.before = lasting(entries(this.open.proposals.value, this.open.views.segments.value), this.before)));
  readonly looping = signal(false);
  readonly droppedShown = signal(false);
  readonly writing = signal(""); // the segment whose note is to be written
  readonly naming = signal(0); // the number of the tag that is to be named; 0: none
  readonly current = computed<Entry | null>(() => {
    const was = this.chosen.value;
    return was && again(this.entries.value, was);
  });
  // listed are the entries as the list shows them.
  readonly listed = computed(() => this.entries.value.filter((e) => e.proposal?.verdict !== "dropped"));
  readonly dropped = computed(() => this.entries.value.filter((e) => e.proposal?.verdict === "dropped"));

  private before: Entry[] = []; // the entries as they last were
  private readonly chosen = signal<Entry | null>(null);
  private readonly offs: (() => void)[] = [];
  private untouched = true; // the page has just been opened, and not again

  constructor(readonly open: Open) {
    super(open);
    this.player = new Player(open);
    this.player.range = () => (this.looping.peek() ? this.range() : null);
    this.offs.push(effect(() => {
      const all = this.open.recordings.value;
      if (all[0] && !all.some((r) => r.id === this.player.recording.peek())) this.resume(all[0].id); // also where it was deleted
    }));
    this.offs.push(effect(() => {
      const best = this.listed.value[0];
      if (best && this.untouched && this.ready(best.recording)) untracked(() => this.begin(best));
    }));
    this.offs.push(effect(() => {
      const now = this.current.value;
      if (now && now !== this.chosen.peek()) this.chosen.value = now; // under its new id
    }));
  }

  close(): void {
    this.remember();
    for (const off of this.offs) off();
    this.player.close();
  }

  // ready tells whether a film's frames are known, so that one can be named.
  ready(recording = this.player.recording.value): boolean {
    const r = this.open.recording(recording);
    return recording in this.open.films.value || (r?.recording !== undefined && !r.recording.video);
  }

  // begin goes to the best moment, where nobody has gone anywhere yet: what it is about
  // is seen without a word, and the first key can be the one that keeps it.
  private begin(best: Entry): void {
    this.untouched = false;
    const { player } = this;
    if (!this.chosen.peek() && player.pace.peek() === 0 && player.index.peek() === 0) this.choose(best);
  }

  choose(e: Entry | null, seek = true): void {
    this.untouched = false;
    this.chosen.value = e;
    if (!e || !seek) return;
    this.player.pause();
    this.player.seek(this.open.frames(e.recording).index(startS(e)), e.recording);
    this.show(startS(e), endS(e));
  }

  chooseSegment(entity: string): void {
    this.choose(this.entries.peek().find((e) => e.segment?.entity === entity) ?? null);
  }

  film(recording: string): void {
    if (recording === this.player.recording.peek()) return;
    this.player.pause();
    this.view.value = { from: 0, to: 0 };
    this.chosen.value = null;
    this.player.seek(0, recording);
  }

  // step goes to another entry of the list.
  step(by: number): void {
    const all = this.droppedShown.peek() ? [...this.listed.peek(), ...this.dropped.peek()] : this.listed.peek();
    const at = all.findIndex((e) => e.key === this.current.peek()?.key);
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
    if (next) this.choose(next);
  }

  keep(e = this.current.peek()): void {
    if (e && !e.segment) this.do(this.kept(e));
  }

  // drop says no to a proposal, or takes that back; an own segment is removed.
  drop(e = this.current.peek()): void {
    if (!e) return;
    if (!e.proposal) return this.remove(e);
    if (e.proposal.verdict === "dropped") return this.do(undecided(this.facts, e.proposal));
    const all = this.listed.peek();
    const next = all[all.findIndex((x) => x.key === e.key) + 1];
    this.do(dropped(this.facts, e, e.proposal));
    if (e.key === this.current.peek()?.key && next) this.choose(next);
  }

  remove(e = this.current.peek()): void {
    if (!e?.segment) return;
    this.do(removed(this.facts, e));
    if (!e.proposal) this.chosen.value = null;
  }

  note(): void {
    this.writing.value = this.segment()?.entity ?? "";
  }

  // own makes a segment around the picture on the screen.
  own(fromS = this.player.now.peek() - ownBefore, toS = this.player.now.peek() + ownAfter): void {
    const recording = this.player.recording.peek();
    if (!this.ready(recording)) return;
    const frames = this.player.frames.peek();
    const when = span(frames, Math.max(0, fromS), Math.min(toS, frames.startS(frames.count) + 1));
    const entity = newSegment();
    this.do(made(this.facts, entity, recording, when, null));
    this.choose(this.entries.peek().find((e) => e.segment?.entity === entity) ?? null, false);
  }

  // mark lets the segment begin or end with the picture on the screen.
  mark(edge: "start" | "end"): void {
    if (!this.ready()) return;
    const e = this.current.peek();
    const s = this.player.now.peek();
    if (!e || e.recording !== this.player.recording.peek()) {
      this.own(edge === "start" ? s : s - ownLength, edge === "start" ? s + ownLength : s + 1e-3);
      return;
    }
    this.trimTo(edge, this.player.index.peek(), e);
  }

  // trim moves an end by frames, and shows the frame it is at then.
  trim(edge: "start" | "end", by: number): void {
    const s = this.current.peek()?.segment;
    if (!s) return;
    const frames = this.open.frames(s.recording);
    const frame = frames.bound((edge === "start" ? firstFrame(frames, s) : lastFrame(frames, s)) + by);
    this.trimTo(edge, frame);
    this.player.pause();
    this.player.seek(frame, s.recording);
  }

  trimTo(edge: "start" | "end", frame: number, e = this.current.peek()): void {
    if (e && this.ready(e.recording)) this.onSegment((s) => moved(this.open.frames(s.recording), s, edge, frame), e);
  }

  objective(o: Exclude<Objective, "">): void {
    this.onSegment((s) => [{ entity: s.entity, field: "objective", to: s.objective === o ? null : o }]);
  }

  tag(word: string): void {
    const clean = word.trim().replace(/\s+/g, " ").slice(0, longestTag);
    if (clean) this.onSegment((s) => [{ entity: s.entity, field: tagPrefix + clean, to: s.tags.includes(clean) ? null : true }]);
  }

  // write gives what keeps a text about a segment, written over what is there now.
  write(entity: string, field: "seen" | "question"): (text: string) => void {
    const from = facts.get(this.facts, entity, field);
    return (text) => this.do([{ entity, field, from, to: text.trim() === "" ? null : text }]);
  }

  caption(on: boolean): void {
    this.onSegment((s) => [{ entity: s.entity, field: "caption", to: on ? true : null }]);
  }

  // slow slows from the picture on the screen to the end, or changes what is slowed.
  slow(change: { rate?: number; edge?: "start" | "end" } | null): void {
    this.onSegment((s) => {
      if (!change) return slowed(s, null);
      const frames = this.open.frames(s.recording);
      const frame = Math.min(Math.max(this.player.index.peek(), firstFrame(frames, s)), lastFrame(frames, s));
      const was = s.slow ?? { start: frames.start(frame), end: s.end, rate: 0.5 };
      const next = { ...was, rate: change.rate ?? was.rate };
      if (change.edge === "start") next.start = frames.start(Math.min(frame, lastFrame(frames, was)));
      if (change.edge === "end") next.end = frames.until(Math.max(frame, firstFrame(frames, was)));
      return slowed(s, next);
    });
  }

  freeze(seconds: number | null): void {
    this.onSegment((s) => {
      if (seconds === null) return frozen(s, null);
      const frames = this.open.frames(s.recording);
      const frame = Math.min(Math.max(this.player.index.peek(), firstFrame(frames, s)), lastFrame(frames, s));
      return frozen(s, { at: s.freeze?.at ?? frames.start(frame), seconds });
    });
  }

  // call says who it is that a track shows at a time. There is one parent and one child: who
  // was that until then is what this one was.
  call(recording: string, track: string, to: Exclude<Role, "unknown">, s = -1): void {
    const person = identity(this.facts, recording, track, s);
    const was = this.role(recording, person, -1);
    const other = to === "other" || to === "picture" || was === "unknown" ? undefined : this.open.proposed.peek()[recording]?.people?.find((p) => p.id !== person && this.role(recording, p.id, -1) === to);
    const say = (who: string, role: Role): Wanted[] => {
      const entity = `person/${recording}.${who}`;
      return [{ entity, field: "recording", to: recording }, { entity, field: "role", to: role }];
    };
    this.do([...say(person, to), ...(other && was !== to ? say(other.id, was) : [])]);
  }

  // swap says that from the picture on the screen on two tracks each show the other.
  swap(recording: string, one: string, other: string): void {
    if (!this.ready(recording)) return;
    const at = this.player.frames.peek().start(this.player.index.peek());
    const [a, b] = [one, other].map((track) => identity(this.facts, recording, track, seconds(at)));
    const entity = `swap/${crypto.randomUUID()}`;
    const when = { ticks: at.ticks, base: { num: at.base.num, den: at.base.den } };
    this.do(Object.entries({ recording, at: when, a: a!, b: b! }).map(([field, to]) => ({ entity, field, to })));
  }

  // role of whom a track shows at a time: what was said of them, else the guess of the
  // analysis.
  role(recording: string, track: string, s: number): Role {
    const f = this.open.review.facts.value;
    const who = identity(f, recording, track, s);
    return roleSaid(f, recording, who) ?? this.open.proposed.value[recording]?.people?.find((p) => p.id === who)?.role ?? "unknown";
  }

  get undoable(): boolean {
    return this.open.review.undoable.value > 0;
  }

  undo(): void {
    this.open.review.undo();
  }

  redo(): void {
    this.open.review.redo();
  }

  loop(): void {
    this.looping.value = !this.looping.peek();
    if (this.looping.peek() && this.range()) this.player.play();
  }

  // keys are what the keyboard does here.
  keys(): Partial<Record<Action, (e: KeyboardEvent) => void>> {
    const p = this.player;
    return {
      play: () => p.toggle(), back: () => p.backward(), pause: () => p.pause(), forward: () => p.forward(),
      frameBack: (e) => p.step(-1, e.repeat), frameOn: (e) => p.step(1, e.repeat), secondBack: (e) => p.jump(-1, e.repeat), secondOn: (e) => p.jump(1, e.repeat),
      momentBack: () => this.step(-1), momentOn: () => this.step(1),
      in: () => this.mark("start"), out: () => this.mark("end"), own: () => this.own(), keep: () => this.keep(), drop: () => this.drop(), note: () => this.note(),
      ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [`tag${n}`, () => this.number(n)])),
      undo: () => this.undo(), redo: () => this.redo(), loop: () => this.loop(),
      slower: () => this.faster(-1), faster: () => this.faster(1), zoomIn: () => this.zoom(0.5), zoomOut: () => this.zoom(2),
    };
  }

  // number is what a key from 1 to 9 does: an objective, or a tag that a person has named.
  number(n: number): void {
    const objective = objectives[n - 1];
    if (objective) return this.objective(objective);
    const word = tagOf(n);
    if (word) this.tag(word);
    else if (this.segment()) this.naming.value = n;
  }

  private get facts() {
    return this.open.review.facts.peek();
  }

  private do(wanted: Wanted[]): void {
    if (wanted.length > 0) this.open.review.do(wanted);
  }

  // segment of what is current; a proposal is kept first.
  private segment(): Segment | null {
    this.keep();
    return this.current.peek()?.segment ?? null;
  }

  // onSegment changes a segment; where it takes a proposal to be kept first, both are one
  // edit.
  private onSegment(change: (s: Segment) => Wanted[], e = this.current.peek()): void {
    if (!e) return;
    if (e.segment) return this.do(change(e.segment));
    const kept = this.kept(e);
    const fresh = segments(facts.apply({}, kept))[0];
    if (!fresh) return;
    const all = new Map([...kept, ...change(fresh)].map((w) => [`${w.entity} ${w.field}`, w]));
    this.do([...all.values()]);
  }

  // kept is the edit that keeps a proposal: the choice, and its segment in whole frames.
  private kept(e: Entry): Wanted[] {
    if (!e.proposal) return [];
    const { recording, moment } = e.proposal;
    const when = this.ready(recording) ? span(this.open.frames(recording), moment.start_s, moment.end_s) : { start: moment.start, end: moment.end };
    return [...decide(recording, moment, "kept"), ...made(this.facts, newSegment(), recording, when, moment)];
  }

  private range(): { from: number; to: number } | null {
    const e = this.current.peek();
    if (!e || e.recording !== this.player.recording.peek()) return null;
    const frames = this.player.frames.peek();
    if (e.segment) return { from: firstFrame(frames, e.segment), to: lastFrame(frames, e.segment) };
    return { from: frames.index(startS(e)), to: frames.index(endS(e)) };
  }

  // What a reload finds again: the film and the time.
  private get memory(): string {
    return `dyade.at.${this.open.id}`;
  }

  remember(): void {
    ofTab.set(this.memory, JSON.stringify({ recording: this.player.recording.peek(), s: this.player.frames.peek().middle(this.player.index.peek()) }));
  }

  private resume(first: string): void {
    const was = read<{ recording?: string; s?: number }>(ofTab, this.memory, {});
    if (was.recording) this.untouched = false;
    const recording = was.recording && this.open.recording(was.recording) ? was.recording : first;
    this.player.begin(recording, was.recording === recording ? (was.s ?? 0) : 0);
  }
}

const newSegment = (): string => `segment/${crypto.randomUUID()}`;
const ownBefore = 3; // seconds of an own segment before what is on the screen
const ownAfter = 5;
const ownLength = 8;
const longestTag = 40;
