import type { Label } from "../api.ts";

// A sheet is what is labelled of a film, track by track. Nothing here knows of a page or
// of a server: each function gives another sheet.

export type TrackName = "facing" | "closeness" | "turns" | "moments";

export interface Track {
  name: TrackName;
  words: readonly string[]; // in the order of their digits, from 1
  apart: boolean; // one label ends where the next starts; else those of two words may overlap
}

// tracks are those that annotate.Tracks has.
export const tracks: readonly Track[] = [
  { name: "facing", words: ["mutual", "child_faces_parent", "parent_faces_child", "parent_faces_camera", "none", "unknown"], apart: true },
  { name: "closeness", words: ["touch", "close", "apart", "unknown"], apart: true },
  { name: "turns", words: ["parent", "child", "other", "unknown"], apart: false },
  { name: "moments", words: ["face_to_face", "joint_attention", "turn_taking", "bid_response", "approach", "shared_engagement", "reunion"], apart: false },
];

// Mark is a label; one that goes on grows with what is watched.
export interface Mark extends Label {
  on?: boolean;
}

export type Marks = readonly Mark[]; // in order of their start
export type Sheet = Readonly<Record<TrackName, Marks>>;

export const step = 0.1; // seconds between two times at which something may begin or end

// round is the nearest of these times, as it is written.
export const round = (s: number): number => Math.round(s / step) / Math.round(1 / step);

const slack = 1e-6; // seconds by which times that are the same may differ

export const blank: Sheet = { facing: [], closeness: [], turns: [], moments: [] };

// read makes a sheet of labels as the server has them.
export const read = (labels: Record<string, Label[]>): Sheet =>
  Object.fromEntries(tracks.map((t) => [t.name, sorted(labels[t.name] ?? [])])) as Sheet;

// told are labels as the server takes them.
export const told = (s: Sheet): Record<TrackName, Label[]> =>
  Object.fromEntries(tracks.map((t) => [t.name, s[t.name].filter((m) => !m.on || m.end_s > m.start_s).map(({ on: _, ...label }) => label)])) as Record<TrackName, Label[]>;

const sorted = (marks: readonly Mark[]): Marks => [...marks].sort((a, b) => a.start_s - b.start_s || a.end_s - b.end_s);

// lane of a track: marks that cannot overlap.
const lane = (t: Track, marks: Marks, word: string): Marks => (t.apart ? marks : marks.filter((m) => m.label === word));

const holds = (m: Mark, s: number): boolean => m.start_s <= s + slack && (m.on ? s <= m.end_s + slack : s < m.end_s - slack);

// at are the marks that hold at a time, the latest first.
export const at = (marks: Marks, s: number): Mark[] => marks.filter((m) => holds(m, s)).reverse();

// room is until when a mark may go on.
const room = (t: Track, marks: Marks, m: Mark): number =>
  lane(t, marks, m.label).find((x) => x !== m && x.start_s >= m.start_s - slack && x.start_s >= m.end_s - slack)?.start_s ?? Infinity;

// put has others take the place of a mark.
const put = (marks: Marks, old: Mark | null, ...others: Mark[]): Marks => sorted([...marks.filter((m) => m !== old), ...others]);

const shut = ({ on: _, ...m }: Mark): Mark => m;

// cut ends a mark at a time; one of which nothing is left is no more.
const cut = (m: Mark, s: number): Mark[] => (s > m.start_s + slack ? [shut({ ...m, end_s: s })] : []);

// press is what a digit does: from this time on, a word holds. Where the words of a track
// may overlap, it begins, or, where it holds, it ends.
export function press(t: Track, marks: Marks, word: string, s: number, by: string): Marks {
  const here = at(lane(t, marks, word), s)[0];
  if (here && !t.apart) return put(marks, here, ...cut(here, s));
  if (here?.label === word) return marks;
  const fresh: Mark = { start_s: s, end_s: s, label: word, ...(by ? { by } : {}) };
  if (here) {
    const rest = { ...fresh, end_s: Math.max(s, here.end_s), ...(s <= here.start_s + slack && here.note ? { note: here.note } : {}) };
    const goesOn = room(t, marks, here) > here.end_s + slack;
    return put(marks, here, ...cut(here, s), goesOn ? { ...rest, on: true } : rest);
  }
  const before = lane(t, marks, word).findLast((m) => m.label === word && (m.by ?? "") === by && Math.abs(m.end_s - s) < slack);
  if (before) return put(marks, before, { ...before, on: true });
  return put(marks, null, { ...fresh, on: true });
}

// stop is where nothing of the track holds any more.
export const stop = (marks: Marks, s: number): Marks => at(marks, s).reduce((all, m) => put(all, m, ...cut(m, s)), marks);

// grow has what goes on reach to a time that was come to by watching; what was jumped over
// nobody has labelled.
export function grow(t: Track, marks: Marks, s: number): Marks {
  let all = marks;
  for (const m of marks.filter((x) => x.on)) {
    if (s <= m.end_s + slack) continue;
    const end = Math.min(s, room(t, marks, m));
    const grown = s - m.end_s > leap ? shut(m) : { ...m, end_s: Math.max(m.end_s, end) };
    all = put(all, m, end < s ? shut(grown) : grown);
  }
  return all;
}

export const leap = 2; // seconds: further is no watching

export type Edge = "start_s" | "end_s";

// move has a mark begin or end at another time: up to its neighbours, and as long as
// there is something of it. A neighbour that it touches there moves with it.
export function move(t: Track, marks: Marks, m: Mark, edge: Edge, s: number): Marks {
  const others = lane(t, marks, m.label).filter((x) => x !== m);
  const near = others.find((x) => Math.abs((edge === "start_s" ? x.end_s : x.start_s) - m[edge]) < slack);
  if (edge === "start_s") {
    const least = near ? near.start_s + step : Math.max(0, ...others.filter((x) => x.end_s <= m.start_s + slack).map((x) => x.end_s));
    const to = round(Math.min(Math.max(s, least), m.end_s - step));
    return to >= least - slack ? moved(marks, m, { ...m, start_s: to }, near && { ...near, end_s: to }, near) : marks;
  }
  const most = near ? near.end_s - step : Math.min(Infinity, ...others.filter((x) => x.start_s >= m.end_s - slack).map((x) => x.start_s));
  const to = round(Math.max(Math.min(s, most), m.start_s + step));
  return to <= most + slack ? moved(marks, m, shut({ ...m, end_s: to }), near && { ...near, start_s: to }, near) : marks;
}

const moved = (marks: Marks, m: Mark, to: Mark, nearTo: Mark | undefined, near: Mark | undefined): Marks =>
  sorted([...marks.filter((x) => x !== m && x !== near), to, ...(nearTo ? [nearTo] : [])]);

// erase takes a mark away.
export const erase = (marks: Marks, m: Mark): Marks => put(marks, m);

// note has a mark carry a text, or none.
export function note(marks: Marks, m: Mark, text: string): Marks {
  const { note: _, ...bare } = m;
  const clean = text.replace(/\s+/g, " ").trim().slice(0, longest);
  return put(marks, m, clean ? { ...bare, note: clean } : bare);
}

const longest = 500; // letters of a note

// edges are the times at which something begins or ends, in order.
export const edges = (marks: Marks): number[] =>
  [...new Set(marks.flatMap((m) => [m.start_s, m.end_s]))].sort((a, b) => a - b).filter((s, i, all) => i === 0 || s - all[i - 1]! > slack);

// nearest is the edge that is nearest to a time.
export function nearest(marks: Marks, s: number): { mark: Mark; edge: Edge } | null {
  let best: { mark: Mark; edge: Edge } | null = null;
  for (const mark of marks) {
    for (const edge of ["start_s", "end_s"] as const) {
      if (mark.on && edge === "end_s") continue; // it is where it is watched
      if (!best || Math.abs(mark[edge] - s) < Math.abs(best.mark[best.edge] - s) - slack) best = { mark, edge };
    }
  }
  return best;
}

// find is a mark as it is now, where it was changed since: in its lane, at its time.
export const find = (marks: Marks, m: Mark): Mark | undefined =>
  marks.find((x) => x === m) ?? marks.find((x) => x.label === m.label && Math.abs(x.start_s - m.start_s) < slack);
