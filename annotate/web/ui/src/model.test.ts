import assert from "node:assert/strict";
import { test } from "node:test";
import { between } from "./model.ts";

test("between two orders there is always a third", () => {
  let seed = 1;
  const random = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
  const all: string[] = [];
  for (let i = 0; i < 2000; i++) {
    const place = i % 3 === 0 ? 0 : i % 3 === 1 ? all.length : random(all.length + 1);
    const a = all[place - 1] ?? "";
    const b = all[place] ?? "";
    const x = between(a, b);
    assert.ok(a < x && (b === "" || x < b), `${a} < ${x} < ${b}`);
    all.splice(place, 0, x);
  }
  assert.ok(Math.max(...all.map((x) => x.length)) < 700);
});
