import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change, Edit, Value } from "./api.ts";
import { joint, met, versions, without } from "./clash.ts";

const S = "segment/1";
const change = (field: string, from: Value, to: Value): Change => ({ entity: S, field, from, to });
const done = (id: string, ...changes: Change[]): Edit => ({ id, by: "me", kind: "do", changes });
const press = (kind: "undo" | "redo"): Edit => ({ id: kind, by: "me", kind });
const there = (field: string, value: Value) => ({ entity: S, field, value });

test("what others added goes with what a person removes, where they want it", () => {
  const removes = done("1", change("recording", "r", null), change("start", 1, null), change("end", 2, null));
  const v = versions({ edit: removes, theirs: [there("seen", "theirs")] }, { [S]: { recording: "r", start: 1, end: 2, seen: "theirs" } });
  assert.deepEqual(v, { fields: [{ entity: S, field: "seen", there: "theirs" }], gone: false, texts: [], mine: true, both: false });
});

test("what no force brings about is not offered", () => {
  const beyond = done("1", change("start", 1, 5));
  const v = versions({ edit: beyond, theirs: [there("end", 3)] }, { [S]: { recording: "r", start: 1, end: 3 } });
  assert.deepEqual(v.fields, [{ entity: S, field: "end", there: 3 }]);
  assert.equal(v.mine, false);
});

test("what is there again is in nobody's way", () => {
  const writes = done("1", change("seen", null, "mine"));
  const v = versions({ edit: writes, theirs: [there("recording", null)] }, { [S]: { recording: "r", start: 1, end: 3 } });
  assert.deepEqual(v, { fields: [], gone: false, texts: [], mine: true, both: false });
});

test("what goes on from what was made is one clash with it, and stands apart otherwise", () => {
  const makes = done("1", change("recording", null, "r"), change("seen", null, "a"));
  const all = met([], makes, [there("order", "z")]);
  const one = met(all, done("2", change("seen", "a", null), change("question", null, "?")), [there("recording", null)]);
  assert.deepEqual(one.map((c) => c.edit.changes), [[change("recording", null, "r"), change("seen", null, null), change("question", null, "?")]]);
  assert.equal(one[0]!.theirs.length, 2);
  assert.equal(met(all, { ...done("3", change("seen", "a", "b")), changes: [{ ...change("seen", "a", "b"), entity: "segment/2" }] }, [there("seen", "c")]).length, 2);
  assert.equal(met(all, makes, [there("order", "y")]).length, 1); // an earlier page sent it twice
});

test("a refused edit takes its own undo and redo with it, and no others", () => {
  const [a, b, c] = ["a", "b", "c"].map((id) => done(id));
  const [undo, redo] = [press("undo"), press("redo")];
  assert.deepEqual(without(a!, [b!, undo, undo, undo]), { rest: [b, undo, undo], undone: true });
  assert.deepEqual(without(a!, [undo, redo, c!]), { rest: [c], undone: false });
  assert.deepEqual(without(a!, [undo, undo, redo, redo]), { rest: [undo, redo], undone: false });
  assert.deepEqual(without(a!, [undo, b!, undo, redo]), { rest: [b, undo, redo], undone: true });
  assert.deepEqual(without(undo, [undo, redo, b!, undo]), { rest: [b, undo], undone: false });
});

test("what both wrote can stand, one below the other", () => {
  const writes = done("1", change("seen", null, "mine"), change("tag:play", null, true));
  const now = { [S]: { recording: "r", start: 1, end: 3, seen: "theirs" } };
  assert.equal(versions({ edit: writes, theirs: [there("seen", "theirs")] }, now).both, true);
  assert.deepEqual(joint(writes, now).changes!.map((c) => c.to), ["theirs\nmine", true]);
  assert.equal(versions({ edit: done("2", change("start", 1, 2)), theirs: [there("start", 0)] }, { [S]: { start: 0 } }).both, false);
});
