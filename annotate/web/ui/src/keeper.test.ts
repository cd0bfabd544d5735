import assert from "node:assert/strict";
import { test } from "node:test";
import { keeper, read } from "./keeper.ts";

test("where a browser keeps nothing, the page remembers while it is open", () => {
  const k = keeper(() => {
    throw new Error("SecurityError"); // as where site data are blocked
  });
  k.set("a", "[1]");
  assert.equal(k.get("a"), "[1]");
  assert.deepEqual(k.keys(), ["a"]);
  assert.deepEqual(read(k, "a", []), [1]);
  k.remove("a");
  assert.equal(k.get("a"), null);
  assert.deepEqual(read(k, "a", []), []);
});
