import { url, type Moment, type Recording } from "../api.ts";
import type { Frames } from "../frames.ts";

// Source is something that a browser's player can be given of a film.
export interface Source {
  recording: string;
  kind: "copy" | "original" | "clip";
  address: string;
  from: number; // of the film, in seconds: where its own time is 0
  until: number;
  first: number; // when its first picture begins: before that, where it begins in the midst of one
}

export const covers = (x: Source | null, recording: string, s: number): boolean =>
  x !== null && x.recording === recording && s >= x.from && s < x.until;

// badly names a source that the browser could not play.
export const badly = (x: Pick<Source, "recording" | "kind">): string => `${x.recording} ${x.kind}`;

// Known is what is known of a film when a source of it is chosen.
export interface Known {
  frames: Frames;
  lengthS: number; // 0: nobody knows yet
  bad: ReadonlySet<string>;
  ready?: readonly Span[]; // clips that are made already
}

interface Span {
  from: number;
  until: number;
}

// sourceFor is the best that there is of a film at some seconds: the review copy, in
// which each frame is reached at once; the film itself, where browsers play it; else a
// clip around that time: one that is ready, or one that is made when it is asked for and
// starts lead seconds before.
export function sourceFor(r: Recording, s: number, { frames, lengthS, bad, ready }: Known, lead = shortLead): Source {
  const whole = { recording: r.id, from: 0, until: Infinity, first: 0 };
  const may = (kind: Source["kind"]): boolean => !bad.has(badly({ recording: r.id, kind }));
  if (r.copy === "whole" && may("copy")) return { ...whole, kind: "copy", address: url.copy(r.id, true) };
  if (r.playable && may("original")) return { ...whole, kind: "original", address: url.original(r.id) };
  const there = ready?.find((x) => s >= x.from && s < x.until);
  return clip(r.id, frames, there ?? around(frames, s, lengthS, lead));
}

export const shortLead = 1.5; // for who goes on from there
export const longLead = 6; // for who goes backwards
const length = 10; // seconds: what is broken off is still made for a while, and keeps others waiting

function around(frames: Frames, s: number, lengthS: number, lead: number): Span {
  const from = Math.ceil(frames.startS(frames.index(Math.max(0, s - lead))) * 1000 - 1e-6) / 1000;
  return { from, until: lengthS > from ? Math.min(from + length, lengthS) : from + length };
}

const clip = (recording: string, frames: Frames, { from, until }: Span): Source => ({
  recording, kind: "clip", address: url.clip(recording, from, until), from, until, first: frames.startS(frames.index(from)),
});

// readyFor are the clips that a server makes of the best moments before anybody asks:
// those of workers/usher, to the millisecond.
export const readyFor = (moments: readonly Moment[]): Span[] =>
  moments.slice(0, 8).map((m) => ({ from: Math.max(0, Math.round(m.start_s * 1000) - 2000) / 1000, until: (Math.round(m.end_s * 1000) + 2000) / 1000 }));
