import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns } from "./turns.ts";

test("two are at it at once, and the next follows whoever ends", () => {
  const turns = new Turns(2);
  const begun: string[] = [];
  const take = (name: string): (() => void) => turns.take(() => begun.push(name));
  const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(take) as [() => void, () => void, () => void, () => void, () => void];
  assert.deepEqual(begun, ["a", "b"]);
  c(); // it does not want its turn any more
  b();
  b(); // twice is once
  assert.deepEqual(begun, ["a", "b", "d"]);
  a();
  assert.deepEqual(begun, ["a", "b", "d", "e"]);
  d();
  e();
  take("f");
  assert.deepEqual(begun, ["a", "b", "d", "e", "f"]);
});
