import assert from "node:assert/strict";
import { test } from "node:test";
import { columns, firstAfter, lengthOf, rows, runs, shown, wave } from "./data.ts";

const times = Array.from({ length: 8 }, (_, i) => i / 10);

test("runs are where something holds", () => {
  const r = runs(times, [1, 1, 0, null, 1, 1, 1, 1], (v) => v === 1);
  assert.deepEqual([[...r.from], [...r.to].map((s) => Math.round(s * 10) / 10)], [[0, 0.4], [0.2, 0.8]]);
  assert.equal(Math.round(lengthOf(r) * 10), 6);
  assert.deepEqual([0, 0.19, 0.2, 0.5, 2].map((s) => firstAfter(r, s)), [0, 0, 1, 1, 2]);
  assert.equal(runs([], [], () => true).from.length, 0);
});

test("signals go with the role that a person has at the time", () => {
  const people = [{ id: "p1", role: "parent", role_confidence: 1 }, { id: "p2", role: "child", role_confidence: 1 }] as const;
  const of = columns(people);
  const s = { time_s: times, series: { facing: times.map(() => 0), distance: times.map(() => null), parent_seen: times.map(() => 1), child_seen: times.map(() => 0) } };
  const swapped = (p: string, at: number) => ((p === "p1") === at < 0.4 ? ("parent" as const) : ("child" as const));
  const x = shown(s, of, [0.4], swapped);
  assert.deepEqual([[...x.seen.parent.from], [...x.seen.child.from]], [[0], [0.4]]);
  assert.deepEqual([...x.blind.closeness.from], [0]);
});

test("someone whose role is not known has the parent's signals", () => {
  assert.deepEqual([...columns([{ id: "p9", role: "unknown", role_confidence: 0 }])], [["parent", "p9"]]);
});

test("a drawing of sound keeps its peaks at every degree of detail", () => {
  const pairs = 5000;
  const data = new ArrayBuffer(20 + pairs * 2);
  const head = new DataView(data);
  for (const [i, v] of [1, 1, 16000, 320, pairs].entries()) head.setInt32(i * 4, v, true);
  new Int8Array(data, 20)[2 * 3210 + 1] = 99;
  const w = wave(data);
  assert.equal(w.perSecond, 50);
  assert.ok(w.levels.length > 2);
  for (const level of w.levels) assert.equal(Math.max(...level), 99);
});

test("stretches that meet lie in different rows", () => {
  const at = (start_s: number, end_s: number) => ({ start_s, end_s });
  assert.deepEqual(rows([at(0, 5), at(1, 3), at(4, 6), at(5, 9), at(5.5, 6)], 2), [0, 1, 1, 0, 1]);
});
