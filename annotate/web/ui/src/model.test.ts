import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "./api.ts";
import { facts } from "./facts.ts";
import { between, entityOf, identity, items, moved, segments, without } from "./model.ts";

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

const cardsAt = (...orders: (string | null)[]): Facts =>
  Object.fromEntries(orders.map((order, i) => [`card/${i}`, { seconds: 4, ...(order === null ? {} : { order }) }]));

test("an item comes to lie where it is put, whatever the orders were", () => {
  const sets = [["b", "c", "d", "e"], ["n", "n", "n", "n"], [null, null, "n", "n"], ["az", "b", "ba", "bb"], [null, "b", "b", "z"]];
  for (const set of sets) {
    for (let from = 0; from < set.length; from++) {
      for (let to = 0; to < set.length; to++) {
        const f = cardsAt(...set);
        const before = items(f);
        const wanted = before.map(entityOf);
        const [one] = wanted.splice(from, 1);
        wanted.splice(to, 0, one!);
        const after = items(facts.apply(f, moved(before, one!, to)));
        assert.deepEqual(after.map(entityOf), wanted, `${set}: ${from} to ${to}`);
      }
    }
  }
});

test("a move changes one order where there is room", () => {
  assert.equal(moved(items(cardsAt("b", "c", "d")), "card/2", 0).length, 1);
  assert.equal(moved([], "card/2", 0).length, 0);
});

test("who takes a segment out leaves its proposal undecided", () => {
  const at = (ticks: number) => ({ ticks, base: { num: 1, den: 1000 } });
  const f: Facts = {
    "segment/1": { recording: "r", start: at(0), end: at(5), moment: "m" },
    "decision/r.m": { recording: "r", verdict: "kept" },
    "decision/r.n": { recording: "r", verdict: "dropped" },
  };
  assert.deepEqual(facts.apply(f, without(f, segments(f)[0]!)), { "decision/r.n": f["decision/r.n"] });
});

test("a swap holds from its time on", () => {
  const at = (s: number) => ({ ticks: s, base: { num: 1, den: 1 } });
  const f: Facts = {
    "swap/x": { recording: "r", at: at(10), a: "1", b: "2" },
    "swap/y": { recording: "r", at: at(20), a: "2", b: "3" },
  };
  assert.equal([1, 10, 30].map((s) => identity(f, "r", "1", s)).join(), "1,2,3");
  assert.equal([1, 10, 30].map((s) => identity(f, "r", "2", s)).join(), "2,1,1");
  assert.equal(identity(f, "other", "1", 30), "1");
});
