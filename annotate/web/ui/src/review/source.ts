import { url, type Moment, type Recording } from "../api.ts";
import type { Frames } from "../frames.ts";

// Source is something that a browser's player can be given of a film.
export interface Source {
  recording: string;
  kind: "copy" | "original" | "clip";
  address: string;
  from: number; // of the film, in seconds: where its own time is 0
  until: number;
}

export const covers = (x: Source | null, recording: string, s: number): boolean =>
  x !== null && x.recording === recording && s >= x.from && s < x.until;

// badly names a source that the browser could not play.
export const badly = (x: Pick<Source, "recording" | "kind">): string => `${x.recording} ${x.kind}`;

// sourceFor is the best that there is of a film at some seconds: the review copy, in
// which each frame is reached at once; the film itself, where browsers play it; else a
// clip around that time, which is made when it is asked for, unless one is ready. lengthS is
// the film's length; 0: it is not known.
export function sourceFor(r: Recording, frames: Frames, s: number, lengthS: number, bad: ReadonlySet<string>, ready: readonly Span[] = []): Source {
  const whole = { recording: r.id, from: 0, until: Infinity };
  const may = (kind: Source["kind"]): boolean => !bad.has(badly({ recording: r.id, kind }));
  if (r.copy === "whole" && may("copy")) return { ...whole, kind: "copy", address: url.copy(r.id, true) };
  if (r.playable && may("original")) return { ...whole, kind: "original", address: url.original(r.id) };
  const there = ready.find((x) => s >= x.from + edge && s < x.until - edge);
  if (there) return { recording: r.id, kind: "clip", address: url.clip(r.id, there.from, there.until), ...there };
  return clip(r.id, frames, s, lengthS);
}

interface Span {
  from: number;
  until: number;
}

const edge = 0.1; // seconds: a clip's first picture may have begun before it

// readyFor are the clips that a server makes of the best moments before anybody asks:
// those of workers/usher, to the millisecond.
export const readyFor = (moments: readonly Moment[]): Span[] =>
  moments.slice(0, 8).map((m) => ({ from: Math.max(0, Math.round(m.start_s * 1000) - 2000) / 1000, until: (Math.round(m.end_s * 1000) + 2000) / 1000 }));

const before = 1.5; // seconds that a clip starts before what is wanted of it
const length = 20;

// A clip starts at a frame's own time, or within the millisecond after it, so that its
// time 0 is that frame's.
function clip(recording: string, frames: Frames, s: number, lengthS: number): Source {
  const first = frames.startS(frames.index(Math.max(0, s - before)));
  const from = Math.ceil(first * 1000 - 1e-6) / 1000;
  const until = lengthS > from ? Math.min(from + length, lengthS) : from + length;
  return { recording, kind: "clip", address: url.clip(recording, from, until), from, until };
}
