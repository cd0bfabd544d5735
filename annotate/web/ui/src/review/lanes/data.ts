import type { Moment, Person, Role, Signals } from "../../api.ts";

// What the lanes show, worked out once: so that a frame of scrolling only draws.

// Runs are stretches of time in which something holds.
export interface Runs {
  from: Float64Array;
  to: Float64Array;
}

export function runs(times: number[], values: (number | null)[], is: (v: number | null) => boolean): Runs {
  const from: number[] = [];
  const to: number[] = [];
  for (let i = 0; i < times.length; i++) {
    if (!is(values[i]!)) continue;
    const start = times[i]!;
    while (i < times.length && is(values[i]!)) i++;
    from.push(start);
    to.push(times[i] ?? times[i - 1]! + step);
  }
  return { from: Float64Array.from(from), to: Float64Array.from(to) };
}

export const step = 0.1; // seconds between two values

export const lengthOf = (r: Runs): number => r.from.reduce((sum, from, i) => sum + r.to[i]! - from, 0);

// firstAfter is the first of runs, in order, that ends after a time.
export function firstAfter(r: Runs, s: number): number {
  let low = 0;
  let high = r.to.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (r.to[middle]! <= s) low = middle + 1;
    else high = middle;
  }
  return low;
}

// column of the signals that a person's are in: by the role that the analysis guessed.
// Someone whose role it does not know has the parent's.
export type Column = "parent" | "child" | "other";

export function columns(people: readonly Person[]): Map<Column, string> {
  const all = new Map<Column, string>();
  for (const p of people) if (p.role !== "unknown" && p.role !== "picture" && !all.has(p.role)) all.set(p.role, p.id);
  const unknown = people.find((p) => p.role === "unknown");
  if (unknown && !all.has("parent")) all.set("parent", unknown.id);
  return all;
}

export const signalNames = (of: Map<Column, string>): string[] => ["facing", "distance", ...[...of.keys()].flatMap((c) => [`${c}_seen`, `${c}_motion`])];

// Shown is what the lanes of one film draw.
export interface Shown {
  times: number[];
  seen: Record<"parent" | "child", Runs>;
  facing: Runs;
  blind: Record<"parent" | "child" | "closeness" | "motion", Runs>; // where it is not known
  closeness: (number | null)[];
  motion: Record<"parent" | "child", (number | null)[]>;
}

// shown puts signals under the roles that people have at each time.
export function shown(s: Signals, of: Map<Column, string>, turns: readonly number[], role: (person: string, s: number) => Role): Shown {
  const pick = (r: "parent" | "child", what: string): (number | null)[] => byRole(s, of, turns, role, r, what);
  const seen = { parent: pick("parent", "seen"), child: pick("child", "seen") };
  const moving = { parent: pick("parent", "motion"), child: pick("child", "motion") };
  const most = strong([...some(moving.parent), ...some(moving.child)]);
  const nobody = (v: number | null): boolean => v !== 1;
  const unknown = (v: number | null): boolean => v === null;
  const distance = s.series["distance"] ?? [];
  return {
    times: s.time_s,
    seen: { parent: runs(s.time_s, seen.parent, (v) => v === 1), child: runs(s.time_s, seen.child, (v) => v === 1) },
    facing: runs(s.time_s, s.series["facing"] ?? [], (v) => v === 1),
    blind: {
      parent: runs(s.time_s, seen.parent, nobody), child: runs(s.time_s, seen.child, nobody), closeness: runs(s.time_s, distance, unknown),
      motion: runs(s.time_s, moving.parent.map((v, i) => v ?? moving.child[i] ?? null), unknown),
    },
    closeness: distance.map((d) => (d === null ? null : -Math.log2(Math.min(farthest, Math.max(closest, d))))),
    motion: { parent: moving.parent.map((v) => v && Math.min(1, v / most)), child: moving.child.map((v) => v && -Math.min(1, v / most)) },
  };
}

export const closest = 0.8; // face widths, at the top of the lane
export const farthest = 8;

function byRole(s: Signals, of: Map<Column, string>, turns: readonly number[], role: (person: string, s: number) => Role, wanted: Role, what: string): (number | null)[] {
  const out: (number | null)[] = Array.from({ length: s.time_s.length }, () => null);
  const ends = [...turns, Infinity];
  let i = 0;
  for (const [turn, end] of ends.entries()) {
    const at = turn === 0 ? -Infinity : ends[turn - 1]!;
    const found = [...of].find(([, person]) => role(person, at) === wanted);
    const from = found && s.series[`${found[0]}_${what}`];
    for (; i < out.length && s.time_s[i]! < end; i++) out[i] = from?.[i] ?? null;
  }
  return out;
}

// some of the values: enough to know how large they are.
const some = (values: (number | null)[]): number[] => values.filter((v, i): v is number => v !== null && i % Math.ceil(values.length / 4000) === 0);

// strong is what few values are above.
function strong(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length * 0.98)] || 1;
}

// Wave is a drawing of sound at several degrees of detail, each a quarter of the one
// before.
export interface Wave {
  perSecond: number; // pairs, at the finest
  levels: Int8Array[]; // pairs of least and most
}

const detail = 4;

// wave reads what audiowaveform calls .dat, version 1 of 8 bits.
export function wave(data: ArrayBuffer): Wave {
  const head = new DataView(data);
  const perSecond = head.getInt32(8, true) / head.getInt32(12, true);
  let level = new Int8Array(data, 20, Math.min(head.getUint32(16, true) * 2, data.byteLength - 20));
  const levels = [level];
  while (level.length > 2 * detail * 64) {
    const next = new Int8Array(2 * Math.ceil(level.length / (2 * detail)));
    for (let i = 0; i < next.length; i += 2) {
      let least = 127;
      let most = -128;
      for (let k = i * detail; k < Math.min(i * detail + 2 * detail, level.length); k += 2) {
        least = Math.min(least, level[k]!);
        most = Math.max(most, level[k + 1]!);
      }
      next[i] = least;
      next[i + 1] = most;
    }
    levels.push(next);
    level = next;
  }
  return { perSecond, levels };
}

// peaks tells the least and the most of the sound in each of some stretches, one after
// the other, each so many seconds long.
export function peaks(wave: Wave, from: number, length: number, count: number, tell: (i: number, least: number, most: number) => void): void {
  const degree = Math.min(wave.levels.length - 1, Math.max(0, Math.floor(Math.log((wave.perSecond * length) / 2) / Math.log(detail))));
  const level = wave.levels[degree]!;
  const perSecond = wave.perSecond / detail ** degree;
  for (let i = 0; i < count; i++) {
    const s = from + i * length;
    const first = Math.floor(s * perSecond);
    const final = Math.max(first + 1, Math.floor((s + length) * perSecond));
    let least = 0;
    let most = 0;
    for (let k = Math.max(0, first); k < final && 2 * k + 1 < level.length; k++) {
      least = Math.min(least, level[2 * k]!);
      most = Math.max(most, level[2 * k + 1]!);
    }
    tell(i, least, most);
  }
}

// rows gives each of some stretches, in order of their starts, a row in which it meets
// none before it; where there is none it is given the one that is free first.
export function rows(all: readonly Pick<Moment, "start_s" | "end_s">[], most: number): number[] {
  const free: number[] = Array.from({ length: most }, () => -Infinity);
  return all.map((m) => {
    let row = free.findIndex((s) => s <= m.start_s);
    if (row < 0) row = free.indexOf(Math.min(...free));
    free[row] = Math.max(free[row]!, m.end_s);
    return row;
  });
}
