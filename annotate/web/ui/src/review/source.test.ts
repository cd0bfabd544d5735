import assert from "node:assert/strict";
import { test } from "node:test";
import type { Moment, Recording } from "../api.ts";
import { Frames } from "../frames.ts";
import { badly, covers, longLead, readyFor, sourceFor } from "./source.ts";

const film = { id: "r", visit: "v", name: "n", state: "working", submitted: "", steps_done: 0, steps: 1, recording: { duration_s: 60, video: null, audio: null } } as Recording;
const frames = new Frames({ num: 1, den: 30000 }, Float64Array.from({ length: 1800 }, (_, i) => i * 1001), 1800 * 1001);
const known = { frames, lengthS: 60, bad: new Set<string>() };

test("the best source of a film", () => {
  const kind = (r: Partial<Recording>, ...bad: ("copy" | "original")[]): string =>
    sourceFor({ ...film, ...r }, 12, { ...known, bad: new Set(bad.map((k) => badly({ recording: "r", kind: k }))) }).kind;
  assert.equal(kind({ copy: "whole", playable: true }), "copy");
  assert.equal(kind({ copy: "making", playable: true }), "original");
  assert.equal(kind({ copy: "making" }), "clip");
  assert.equal(kind({ copy: "whole", playable: true }, "copy"), "original");
  assert.equal(kind({ copy: "whole" }, "copy"), "clip");
});

test("a clip starts with a frame whose time it keeps", () => {
  for (const s of [0, 0.7, 12, 33.333, 59.9]) {
    const x = sourceFor(film, s, known);
    assert.equal(x.kind, "clip");
    const first = frames.nearest(x.from);
    assert.ok(x.from - frames.startS(first) >= 0 && x.from - frames.startS(first) < 0.001, `${s}: from ${x.from}`);
    assert.equal(frames.nearest(x.from + (frames.startS(first + 5) - frames.startS(first))), first + 5);
    assert.ok(covers(x, "r", s) && !covers(x, "other", s) && !covers(x, "r", x.until));
    assert.match(x.address, new RegExp(`from_ms=${Math.round(x.from * 1000)}&`));
    assert.equal(frames.nearest(x.first), first);
  }
  assert.ok(sourceFor(film, 12, known, longLead).from < sourceFor(film, 12, known).from);
});

test("a clip that is ready is taken, wherever in a frame it starts", () => {
  const moments = [{ start_s: 30, end_s: 34 }] as Moment[];
  const at = (s: number) => sourceFor(film, s, { ...known, ready: readyFor(moments) });
  assert.equal(at(31).address, "/api/recordings/r/clip?from_ms=28000&to_ms=36000");
  assert.ok(at(31).first <= 28 && at(31).first > 28 - 0.034);
  assert.notEqual(at(27).address, at(31).address);
});
