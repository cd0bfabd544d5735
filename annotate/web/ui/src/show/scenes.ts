import { url, type Recording } from "../api.ts";
import type { Frames } from "../frames.ts";
import { type Card, type Item, type Segment } from "../model.ts";
import { seconds } from "../time.ts";

// A show is the reel as it is played straight from the films, before it is rendered:
// scenes, one for each part of the reel.

export interface CardScene {
  kind: "card";
  entity: string;
  text: string;
  seconds: number;
}

// FilmScene is a segment. Times are seconds of the film.
export interface FilmScene {
  kind: "film";
  entity: string;
  recording: string;
  seek: number; // within its first picture, so that any player shows that one
  start: number; // of its first picture
  last: number; // start of its last picture
  end: number; // of its last picture
  slow: { start: number; end: number; rate: number } | null;
  freeze: { at: number; seek: number; seconds: number } | null;
  caption: string;
  sources: Source[]; // the best first
}

export type Scene = CardScene | FilmScene;

// Source is an address that shows a scene.
export interface Source {
  src: string;
  zero: number; // the film's time at which it begins
  seekable: boolean;
}

export type FramesOf = (recording: string) => Frames | undefined;

// scenes of a reel. A segment of a film that is no longer there is left out.
export function scenes(items: Item[], recordings: Recording[], frames: FramesOf): Scene[] {
  return items.flatMap((i): Scene[] => {
    if (i.card) return [card(i.card)];
    const r = recordings.find((x) => x.id === i.segment.recording);
    return r ? [film(i.segment, r, frames(r.id))] : [];
  });
}

const card = (c: Card): CardScene => ({ kind: "card", entity: c.entity, text: c.text, seconds: c.seconds });

function film(s: Segment, r: Recording, frames: Frames | undefined): FilmScene {
  const p = pictures(seconds(s.start), seconds(s.end), frames);
  const at = s.freeze ? seconds(s.freeze.at) : -1;
  return {
    kind: "film", entity: s.entity, recording: r.id, ...p,
    slow: s.slow ? { start: seconds(s.slow.start), end: seconds(s.slow.end), rate: s.slow.rate } : null,
    freeze: s.freeze && at >= seconds(s.start) && at < seconds(s.end) ? { at, seek: frames ? frames.middle(frames.index(at)) : at, seconds: s.freeze.seconds } : null,
    caption: s.caption ? s.question.trim() : "",
    sources: sources(r, p.start, p.end),
  };
}

const slack = 1e-6; // s: times are rounded
const picture = 1 / 25; // s that one is taken to last where it is not known

// pictures of a segment: from the first that starts no earlier than it, to the last that
// starts before its end.
function pictures(from: number, to: number, frames: Frames | undefined): Pick<FilmScene, "seek" | "start" | "last" | "end"> {
  if (!frames || frames.count === 0) return { seek: from + slack, start: from, last: Math.max(from, to - picture), end: to };
  let first = frames.index(from);
  if (frames.startS(first) < from - slack) first = frames.bound(first + 1);
  let last = frames.index(to);
  if (last > first && frames.startS(last) >= to - slack) last--;
  return { seek: frames.middle(first), start: frames.startS(first), last: frames.startS(last), end: seconds(frames.until(last)) };
}

const longest = 590; // s that a clip may last

// sources of a stretch of a film: the copy once all of it is there, which answers at
// once wherever it is asked; the film itself, where browsers play it; else a clip, made
// when it is asked for.
function sources(r: Recording, from: number, to: number): Source[] {
  const all: Source[] = [];
  if (r.copy === "whole") all.push({ src: url.copy(r.id, true), zero: 0, seekable: true });
  if (r.playable) all.push({ src: url.original(r.id), zero: 0, seekable: true });
  const zero = Math.ceil(from * 1000 - 1e-3) / 1000; // a clip begins with what is shown at a millisecond
  const end = Math.floor(to * 1000 + 1e-3) / 1000; // and has none that begins at its end: a busy machine would show it
  if (to - from < longest) all.push({ src: url.clip(r.id, zero, end), zero, seekable: false });
  return all;
}

// rate at which a scene runs at a time of the film.
export const rate = (s: FilmScene, at: number): number => (s.slow && at >= s.slow.start - slack && at < s.slow.end - slack ? s.slow.rate : 1);

// lengthOf is how long a scene is shown, in seconds.
export function lengthOf(s: Scene): number {
  if (s.kind === "card") return s.seconds;
  const slow = s.slow ? Math.max(0, Math.min(s.slow.end, s.end) - Math.max(s.slow.start, s.start)) : 0;
  return s.end - s.start + slow * (1 / (s.slow?.rate ?? 1) - 1) + (s.freeze?.seconds ?? 0);
}

// key tells whether two are shown by the same pictures of the same source.
export const key = (s: FilmScene): string => JSON.stringify([s.entity, s.seek, s.end, s.sources]);
