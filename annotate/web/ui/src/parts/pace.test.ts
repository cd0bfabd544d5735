import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "./pace.ts";

test("what is left is told once there is something to tell it by", () => {
  const p = new Pace();
  assert.equal(p.left("a", 0.5, 0), null);
  assert.equal(p.left("a", 0.501, 5000), null); // hardly further
  assert.equal(p.left("a", 0.6, 1000), null); // hardly later
  assert.equal(Math.round(p.left("a", 0.75, 10_000)!), 10);
  assert.equal(p.left("a", 0.3, 11_000), null); // there is more to do than was known
  assert.equal(Math.round(p.left("a", 0.65, 21_000)!), 10);
  assert.equal(p.left("b", 0.65, 21_000), null);
});
