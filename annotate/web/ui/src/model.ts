import { computed, type ReadonlySignal } from "@preact/signals";
import type { Facts, Kind, Moment, Recording, Role, Value } from "./api.ts";
import type { Review } from "./edits.ts";
import { seconds, type Instant } from "./time.ts";

// What a review's facts say, in the field's words (decision 11).

export type Objective = "" | "sensitivity" | "reciprocity" | "commitment";
export const objectives: Exclude<Objective, "">[] = ["sensitivity", "reciprocity", "commitment"];

// Segment is a moment that a person keeps, or one of their own.
export interface Segment {
  entity: string;
  recording: string;
  start: Instant;
  end: Instant; // excluded
  kind: Kind | "";
  moment: string; // the proposal that it came of; empty: the person's own
  order: string;
  seen: string;
  question: string;
  objective: Objective;
  tags: string[];
  slow: { start: Instant; end: Instant; rate: number } | null;
  freeze: { at: Instant; seconds: number } | null;
  caption: boolean;
}

export interface Card {
  entity: string;
  text: string;
  seconds: number;
  order: string;
}

// Item is one part of the reel.
export type Item = { segment: Segment; card?: never } | { card: Card; segment?: never };

export interface Swap {
  entity: string;
  recording: string;
  at: Instant;
  a: string;
  b: string;
}

const text = (v: Value | undefined): string => (typeof v === "string" ? v : "");
const instant = (v: Value | undefined): Instant => (v as Instant | null | undefined) ?? { ticks: 0, base: { num: 1, den: 1000 } };

export const tagPrefix = "tag:";

// Facts that an edit does not touch stay the same object, and so does what they say.
const said = new WeakMap<Record<string, Value>, Segment>();

function segment(entity: string, f: Record<string, Value>): Segment {
  const known = said.get(f);
  if (known?.entity === entity) return known;
  const made: Segment = {
    entity,
    recording: text(f["recording"]),
    start: instant(f["start"]),
    end: instant(f["end"]),
    kind: text(f["kind"]) as Kind | "",
    moment: text(f["moment"]),
    order: text(f["order"]),
    seen: text(f["seen"]),
    question: text(f["question"]),
    objective: text(f["objective"]) as Objective,
    tags: Object.keys(f).filter((k) => k.startsWith(tagPrefix)).map((k) => k.slice(tagPrefix.length)).sort(),
    slow: (f["slow"] as Segment["slow"]) ?? null,
    freeze: (f["freeze"] as Segment["freeze"]) ?? null,
    caption: f["caption"] === true,
  };
  said.set(f, made);
  return made;
}

const byOrder = (a: { order: string; entity: string }, b: { order: string; entity: string }): number =>
  a.order < b.order ? -1 : a.order > b.order ? 1 : a.entity < b.entity ? -1 : 1;

const of = (f: Facts, kind: string): [string, Record<string, Value>][] =>
  Object.entries(f).filter(([entity]) => entity.startsWith(kind + "/"));

export const segments = (f: Facts): Segment[] =>
  of(f, "segment").filter(([, v]) => v["start"] && v["end"]).map(([e, v]) => segment(e, v)).sort(byOrder);

export const cards = (f: Facts): Card[] =>
  of(f, "card").map(([entity, v]) => ({ entity, text: text(v["text"]), seconds: Number(v["seconds"] ?? 4), order: text(v["order"]) })).sort(byOrder);

// items of the reel in order.
export function items(f: Facts): Item[] {
  const all: { order: string; entity: string; item: Item }[] = [
    ...segments(f).map((s) => ({ order: s.order, entity: s.entity, item: { segment: s } })),
    ...cards(f).map((c) => ({ order: c.order, entity: c.entity, item: { card: c } })),
  ];
  return all.sort(byOrder).map((x) => x.item);
}

export const swaps = (f: Facts): Swap[] =>
  of(f, "swap")
    .map(([entity, v]) => ({ entity, recording: text(v["recording"]), at: instant(v["at"]), a: text(v["a"]), b: text(v["b"]) }))
    .sort((x, y) => seconds(x.at) - seconds(y.at));

// identity is who a person's track shows at some seconds, after the swaps before then.
export function identity(f: Facts, recording: string, person: string, s: number): string {
  let who = person;
  for (const x of swaps(f)) {
    if (x.recording !== recording || seconds(x.at) > s) continue;
    if (who === x.a) who = x.b;
    else if (who === x.b) who = x.a;
  }
  return who;
}

// roleSaid is what a person said of somebody.
export const roleSaid = (f: Facts, recording: string, who: string): Role | undefined => f[`person/${recording}.${who}`]?.["role"] as Role | undefined;

export type Verdict = "kept" | "dropped" | "";

// Decision is what a person decided on a moment as it was proposed.
export interface Decision {
  entity: string;
  verdict: Verdict;
  moment: Proposed;
}

export type Proposed = Pick<Moment, "id" | "kind" | "start_s" | "end_s">;

export const decisionOf = (recording: string, moment: string): string => `decision/${recording}.${moment}`;

// decisions by recording, worked out once for the same facts.
export function decisions(f: Facts): Map<string, Decision[]> {
  const known = decided.get(f);
  if (known) return known;
  const all = new Map<string, Decision[]>();
  for (const [entity, v] of of(f, "decision")) {
    const recording = text(v["recording"]);
    const moment = v["moment"] as Proposed | undefined;
    if (!moment || !v["verdict"]) continue;
    if (!all.has(recording)) all.set(recording, []);
    all.get(recording)!.push({ entity, verdict: v["verdict"] as Verdict, moment });
  }
  decided.set(f, all);
  return all;
}

const decided = new WeakMap<Facts, Map<string, Decision[]>>();

// decision on a proposal: its own, or that on one like it from an earlier pass, whose id
// was another.
export function decision(f: Facts, recording: string, m: Proposed): Decision | null {
  const all = decisions(f).get(recording) ?? [];
  return all.find((d) => d.moment.id === m.id) ?? all.find((d) => like(d.moment, m)) ?? null;
}

// like tells whether two proposals are of the same moment.
export const like = (a: Proposed, b: Proposed): boolean => a.kind === b.kind && overlap(a, b) >= alike;

const alike = 0.6; // intersection over union of what are the same moment

function overlap(a: { start_s: number; end_s: number }, b: { start_s: number; end_s: number }): number {
  const both = Math.min(a.end_s, b.end_s) - Math.max(a.start_s, b.start_s);
  return both <= 0 ? 0 : both / (Math.max(a.end_s, b.end_s) - Math.min(a.start_s, b.start_s));
}

// shownS is how long a segment is in the reel, in seconds.
export function shownS(s: Segment): number {
  let length = seconds(s.end) - seconds(s.start);
  if (s.slow) {
    const from = Math.max(seconds(s.slow.start), seconds(s.start));
    const to = Math.min(seconds(s.slow.end), seconds(s.end));
    if (to > from) length += (to - from) * (1 / s.slow.rate - 1);
  }
  return length + (s.freeze?.seconds ?? 0);
}

export const reelS = (all: Item[]): number => all.reduce((sum, i) => sum + (i.card ? i.card.seconds : shownS(i.segment)), 0);

// between is a text that sorts after a and before b; empty: there is none on that side.
// Digits are the letters a to z; none ends in a, so that there is always room before.
export function between(a: string, b: string): string {
  const low = "a".charCodeAt(0);
  const most = 26;
  let out = "";
  for (let i = 0; ; i++) {
    const x = i < a.length ? a.charCodeAt(i) - low : 0;
    const y = b !== "" && i < b.length && b.startsWith(out) ? b.charCodeAt(i) - low : b !== "" && b.startsWith(out) && i >= b.length ? 0 : most;
    if (y - x > 1) return out + String.fromCharCode(low + ((x + y) >> 1));
    out += String.fromCharCode(low + x);
  }
}

export const entityOf = (i: Item): string => (i.card ? i.card.entity : i.segment.entity);
const orderOf = (i: Item): string => (i.card ? i.card.order : i.segment.order);

// Wanted is what a field is to be; from is what it was when a person began to change it,
// where that is not now.
export interface Wanted {
  entity: string;
  field: string;
  to: Value;
  from?: Value;
}

// moved says what puts an item at a place among the others, 0: first.
export function moved(all: Item[], entity: string, place: number): Wanted[] {
  const item = all.find((i) => entityOf(i) === entity);
  if (!item) return [];
  const rest = all.filter((i) => i !== item);
  const before = rest[place - 1];
  const after = rest[place];
  const a = before ? orderOf(before) : "";
  const b = after ? orderOf(after) : "";
  const to = between(a, a < b ? b : "");
  if (!after || (a < to && to < b)) return [{ entity, field: "order", to }];
  // Nothing lies between two that have the same: each is given one of its own.
  let order = "";
  return [...rest.slice(0, place), item, ...rest.slice(place)].map((i) => ({ entity: entityOf(i), field: "order", to: (order = between(order, "")) }));
}

// gone says what takes all of an entity away.
export const gone = (f: Facts, entity: string): Wanted[] => Object.keys(f[entity] ?? {}).map((field) => ({ entity, field, to: null }));

// without says what takes a segment out of the review. The proposal that it came of is
// undecided again.
export function without(f: Facts, s: Segment): Wanted[] {
  const decision = decisionOf(s.recording, s.moment);
  return [...gone(f, s.entity), ...(s.moment && f[decision]?.["verdict"] === "kept" ? gone(f, decision) : [])];
}

// Views of a review, each worked out once for all who look.
export interface Views {
  items: ReadonlySignal<Item[]>;
  segments: ReadonlySignal<Segment[]>;
}

export const views = (r: Review): Views => ({
  items: computed(() => items(r.facts.value)),
  segments: computed(() => segments(r.facts.value)),
});

// last is the order behind all there is.
export const last = (f: Facts): string => {
  const all = items(f);
  const end = all.at(-1);
  return between(end ? (end.card ? end.card.order : end.segment.order) : "", "");
};

export const durationS = (r: Recording): number => r.recording?.duration_s ?? 0;
