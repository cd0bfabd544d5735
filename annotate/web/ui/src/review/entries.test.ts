import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts, Moment } from "../api.ts";
import { decision, segments } from "../model.ts";
import { entries, lasting, type Entry } from "./entries.ts";

const at = (s: number) => ({ ticks: s * 1000, base: { num: 1, den: 1000 } });
const moment = (id: string, start_s: number, end_s: number) => ({ id, kind: "turn_taking", start_s, end_s }) as Moment;
const kept: Facts = {
  "segment/s": { recording: "r", start: at(10), end: at(20), moment: "a", kind: "turn_taking", order: "b" },
  "decision/r.a": { recording: "r", verdict: "kept", moment: { id: "a", kind: "turn_taking", start_s: 10, end_s: 20 } },
};

function listed(f: Facts, ...moments: Moment[]): Entry[] {
  return entries(moments.map((m) => ({ recording: "r", moment: m, verdict: "", decision: decision(f, "r", m) })), segments(f));
}

test("an entry keeps its key in a new pass", () => {
  const keys = (all: Entry[]): string => all.map((e) => e.key).join(" ");
  const before = listed(kept, moment("a", 10, 20), moment("b", 30, 40), moment("c", 50, 60));
  assert.equal(keys(before), "r.a r.b r.c");
  const refined = lasting(listed(kept, moment("c", 50, 60), moment("b2", 31, 41), moment("a2", 11, 21)), before);
  assert.equal(keys(refined), "r.c r.b r.a");
  const gone = lasting(listed(kept, moment("c", 50, 60)), refined);
  assert.equal(keys(gone), "r.a r.c", "a segment whose moment is no longer proposed is the same one");
  const anew = lasting(listed({}, moment("b", 80, 90), moment("b2", 31, 41)), refined);
  assert.equal(new Set(anew.map((e) => e.key)).size, 2, "no two have the same key");
  assert.equal(keys(lasting(listed(kept, moment("a", 10, 20)), listed({}, moment("a", 10, 20)))), "r.a", "kept, it is the same one");
});
