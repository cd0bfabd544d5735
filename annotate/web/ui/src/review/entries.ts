import type { Facts, Value } from "../api.ts";
import type { Frames } from "../frames.ts";
import { decisionOf, gone, last, like, type Proposed, type Segment, type Wanted } from "../model.ts";
import { seconds, type Instant } from "../time.ts";
import type { Proposal } from "../visit.ts";

// Entry is a line of the review's list: a proposal with what was made of it, or a
// segment of the person's own.
export interface Entry {
  key: string; // lasting: the same whatever a new pass makes of it
  recording: string;
  proposal: Proposal | null;
  segment: Segment | null;
}

// entries puts proposals and segments together: own segments first, then proposals in
// their order.
export function entries(proposals: Proposal[], segments: Segment[]): Entry[] {
  const of = new Map<string, Segment>();
  for (const s of segments) if (s.moment) of.set(`${s.recording}.${s.moment}`, s);
  const used = new Set<Segment>();
  const proposed = proposals.map((proposal): Entry => {
    const { recording, moment, decision } = proposal;
    const segment = of.get(`${recording}.${moment.id}`) ?? (decision && of.get(`${recording}.${decision.moment.id}`)) ?? null;
    const mine = segment && !used.has(segment) ? segment : null;
    if (mine) used.add(mine);
    return { key: `${recording}.${moment.id}`, recording, proposal, segment: mine };
  });
  const own = segments.filter((s) => !used.has(s)).map((s): Entry => ({ key: s.entity, recording: s.recording, proposal: null, segment: s }));
  return [...own, ...proposed];
}

// lasting has each entry go on under the key that it had: as the same segment, the same
// moment, or one like it. So a card stays where a new pass knows its moment better, or no
// longer, with all that is being done in it.
export function lasting(now: Entry[], was: Entry[]): Entry[] {
  const left = new Set(was);
  const keys = new Map<Entry, string>();
  for (const same of [sameSegment, sameMoment, likeMoment]) {
    for (const e of now) {
      const old = keys.has(e) ? null : first(left, (x) => same(e, x));
      if (!old) continue;
      keys.set(e, old.key);
      left.delete(old);
    }
  }
  const taken = new Set(keys.values());
  return now.map((e) => {
    let key = keys.get(e) ?? e.key;
    if (!keys.has(e)) while (taken.has(key)) key += "+";
    taken.add(key);
    return key === e.key ? e : { ...e, key };
  });
}

function first<T>(of: Iterable<T>, is: (x: T) => boolean): T | null {
  for (const x of of) if (is(x)) return x;
  return null;
}

const sameSegment = (a: Entry, b: Entry): boolean => a.segment !== null && a.segment.entity === b.segment?.entity;
const sameMoment = (a: Entry, b: Entry): boolean => a.proposal !== null && a.recording === b.recording && a.proposal.moment.id === b.proposal?.moment.id;
const likeMoment = (a: Entry, b: Entry): boolean => a.proposal !== null && b.proposal !== null && a.recording === b.recording && like(a.proposal.moment, b.proposal.moment);

// again finds an entry among those of now: by its segment, by its key, or as the same
// moment under another id.
export function again(all: Entry[], was: Entry): Entry | null {
  return all.find((e) => sameSegment(e, was)) ?? all.find((e) => e.key === was.key) ?? all.find((e) => likeMoment(e, was)) ?? null;
}

export const startS = (e: Entry): number => (e.segment ? seconds(e.segment.start) : e.proposal!.moment.start_s);
export const endS = (e: Entry): number => (e.segment ? seconds(e.segment.end) : e.proposal!.moment.end_s);

const nothing = 1e-6; // seconds: less than any frame lasts

// span is a time in whole frames: from the one shown at its start to the one shown last
// before its end.
export function span(frames: Frames, fromS: number, toS: number): { start: Instant; end: Instant } {
  const first = frames.index(fromS);
  return { start: frames.start(first), end: frames.until(Math.max(first, frames.index(toS - nothing))) };
}

export const firstFrame = (frames: Frames, s: Pick<Segment, "start">): number => frames.nearest(seconds(s.start));
export const lastFrame = (frames: Frames, s: Pick<Segment, "end">): number => frames.index(seconds(s.end) - nothing);

const fields = (entity: string, values: Record<string, Value>): Wanted[] => Object.entries(values).map(([field, to]) => ({ entity, field, to }));

const time = (t: Instant): Value => ({ ticks: t.ticks, base: { num: t.base.num, den: t.base.den } });

// made is a new segment, last in the reel.
export function made(f: Facts, entity: string, recording: string, when: { start: Instant; end: Instant }, moment: Proposed | null): Wanted[] {
  return fields(entity, { recording, start: time(when.start), end: time(when.end), kind: moment?.kind ?? "", moment: moment?.id ?? "", order: last(f) });
}

export function decide(recording: string, m: Proposed, verdict: "kept" | "dropped"): Wanted[] {
  const moment = { id: m.id, kind: m.kind, start_s: m.start_s, end_s: m.end_s };
  return fields(decisionOf(recording, m.id), { recording, verdict, moment });
}

// dropped says no to a proposal, and takes away what was made of it.
export const dropped = (f: Facts, e: Entry, p: Proposal): Wanted[] => [...(e.segment ? gone(f, e.segment.entity) : []), ...decide(p.recording, p.moment, "dropped")];

// undecided takes back what was decided, on the moment or on one like it.
export function undecided(f: Facts, p: Proposal): Wanted[] {
  const own = decisionOf(p.recording, p.moment.id);
  const other = p.decision?.entity ?? own;
  return [...gone(f, own), ...(other === own ? [] : gone(f, other))];
}

// removed takes a segment away, and the choice that made it.
export function removed(f: Facts, e: Entry): Wanted[] {
  if (!e.segment) return [];
  return [...gone(f, e.segment.entity), ...(e.proposal ? undecided(f, e.proposal) : [])];
}

// moved sets where a segment starts or ends; the other end gives way where the two
// would meet, and what lies outside then is not slowed or frozen any more.
export function moved(frames: Frames, s: Segment, edge: "start" | "end", frame: number): Wanted[] {
  let first = edge === "start" ? frames.bound(frame) : firstFrame(frames, s);
  let final = edge === "end" ? frames.bound(frame) : lastFrame(frames, s);
  if (first > final) {
    const long = lastFrame(frames, s) - firstFrame(frames, s);
    if (edge === "start") final = frames.bound(first + long);
    else first = frames.bound(final - long);
  }
  const start = frames.start(first);
  const end = frames.until(final);
  const inside = (t: Instant): boolean => seconds(t) >= seconds(start) - nothing && seconds(t) < seconds(end) - nothing;
  const out = fields(s.entity, { start: time(start), end: time(end) });
  if (s.slow && seconds(s.slow.end) <= seconds(start) + nothing) out.push({ entity: s.entity, field: "slow", to: null });
  else if (s.slow && !inside(s.slow.start) && seconds(s.slow.start) > seconds(start)) out.push({ entity: s.entity, field: "slow", to: null });
  if (s.freeze && !inside(s.freeze.at)) out.push({ entity: s.entity, field: "freeze", to: null });
  return out;
}

export const slowed = (s: Segment, slow: Segment["slow"]): Wanted[] => [
  { entity: s.entity, field: "slow", to: slow && { start: time(slow.start), end: time(slow.end), rate: slow.rate } },
];

export const frozen = (s: Segment, freeze: Segment["freeze"]): Wanted[] => [
  { entity: s.entity, field: "freeze", to: freeze && { at: time(freeze.at), seconds: freeze.seconds } },
];
