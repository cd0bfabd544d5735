import assert from "node:assert/strict";
import { test } from "node:test";
import { at, blank, edges, erase, grow, move, nearest, note, press, read, round, stop, told, tracks, type Marks, type Track } from "./sheet.ts";

const [facing, , turns] = tracks as [Track, Track, Track, Track];

// short writes marks as a person reads them: + goes on.
const short = (marks: Marks): string => marks.map((m) => `${m.start_s}-${m.end_s}${m.on ? "+" : ""} ${m.label}${m.note ? `(${m.note})` : ""}${m.by ? `/${m.by}` : ""}`).join(", ");

test("a digit begins what goes on as it is watched, until another", () => {
  let m: Marks = press(facing, [], "mutual", 1, "A");
  assert.equal(short(m), "1-1+ mutual/A");
  for (const s of [1.5, 2.4, 1.8, 3]) m = grow(facing, m, s); // going back a little takes nothing back
  assert.equal(short(m), "1-3+ mutual/A");
  m = press(facing, m, "none", 2.7, "A");
  assert.equal(short(m), "1-2.7 mutual/A, 2.7-3+ none/A");
  m = grow(facing, m, 4);
  m = stop(m, 3.9);
  assert.equal(short(m), "1-2.7 mutual/A, 2.7-3.9 none/A");
  assert.equal(short(grow(facing, m, 5)), short(m));
});

test("what was jumped over is not labelled", () => {
  const m = grow(facing, grow(facing, press(facing, [], "mutual", 1, ""), 2), 60);
  assert.equal(short(m), "1-2 mutual");
  assert.equal(short(press(facing, m, "mutual", 2, "")), "1-2+ mutual", "it goes on where it ended");
});

test("what is there already ends what goes on", () => {
  const there: Marks = [{ start_s: 5, end_s: 6, label: "none" }];
  let m = press(facing, there, "mutual", 4, "");
  m = grow(facing, m, 4.9);
  m = grow(facing, m, 5.6);
  assert.equal(short(m), "4-5 mutual, 5-6 none");
});

test("a digit within a label says anew what is left of it", () => {
  const there: Marks = [{ start_s: 1, end_s: 4, label: "none", note: "n" }, { start_s: 4, end_s: 6, label: "mutual" }];
  assert.equal(short(press(facing, there, "unknown", 2, "B")), "1-2 none(n), 2-4 unknown/B, 4-6 mutual");
  assert.equal(short(press(facing, there, "unknown", 1, "B")), "1-4 unknown(n)/B, 4-6 mutual");
  assert.equal(press(facing, there, "none", 2, "B"), there);
});

test("speakers overlap, and each digit begins and ends its own", () => {
  let m = press(turns, [], "parent", 1, "");
  m = grow(turns, m, 2);
  m = press(turns, m, "child", 2, "");
  m = grow(turns, m, 3);
  m = press(turns, m, "parent", 3, "");
  m = grow(turns, m, 4);
  assert.equal(short(m), "1-3 parent, 2-4+ child");
  assert.deepEqual(at(m, 2.5).map((x) => x.label), ["child", "parent"]);
  assert.equal(short(stop(m, 2.5)), "1-2.5 parent, 2-2.5 child");
});

test("an edge moves with its neighbour's, as far as there is room", () => {
  const there: Marks = [{ start_s: 1, end_s: 2, label: "none" }, { start_s: 2, end_s: 3, label: "mutual" }, { start_s: 5, end_s: 6, label: "none" }];
  assert.equal(short(move(facing, there, there[1]!, "start_s", 1.9)), "1-1.9 none, 1.9-3 mutual, 5-6 none");
  assert.equal(short(move(facing, there, there[0]!, "end_s", 9)), "1-2.9 none, 2.9-3 mutual, 5-6 none");
  assert.equal(short(move(facing, there, there[1]!, "end_s", 9)), "1-2 none, 2-5 mutual, 5-6 none");
  assert.equal(short(move(facing, there, there[0]!, "start_s", -3)), "0-2 none, 2-3 mutual, 5-6 none");
  assert.deepEqual(nearest(there, 4.5), { mark: there[2], edge: "start_s" });
  assert.deepEqual(edges(there), [1, 2, 3, 5, 6]);
});

test("notes are one line, and labels can be erased", () => {
  const there: Marks = [{ start_s: 1, end_s: 2, label: "none" }];
  const m = note(there, there[0]!, " she \n laughs ");
  assert.equal(short(m), "1-2 none(she laughs)");
  assert.equal(short(note(m, m[0]!, " ")), "1-2 none");
  assert.equal(short(erase(m, m[0]!)), "");
});

test("what the server has is told again as it was", () => {
  const labels = { ...blank, facing: [{ start_s: 0.123, end_s: 2, label: "none", note: "n", by: "A" }], turns: [{ start_s: 1, end_s: 1, label: "anna" }] };
  assert.deepEqual(told(read(labels as never)), labels);
  assert.deepEqual(told({ ...blank, facing: press(facing, [], "none", 1, "") }).facing, []);
  assert.equal(round(0.30000000000000004), 0.3);
});
