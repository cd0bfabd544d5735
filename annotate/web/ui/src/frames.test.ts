import assert from "node:assert/strict";
import { test } from "node:test";
import { Frames, read } from "./frames.ts";

function written(num: number, den: number, ticks: number[], end: number): Uint8Array {
  const head = new DataView(new ArrayBuffer(32));
  head.setUint32(0, 1, true);
  head.setUint32(4, num, true);
  head.setUint32(8, den, true);
  head.setUint32(12, ticks.length, true);
  head.setBigInt64(16, BigInt(ticks[0]!), true);
  head.setBigInt64(24, BigInt(end), true);
  const rest: number[] = [];
  for (let i = 1; i < ticks.length; i++) {
    for (let n = ticks[i]! - ticks[i - 1]!; ; n = Math.floor(n / 128)) {
      rest.push(n > 127 ? (n & 127) | 128 : n);
      if (n <= 127) break;
    }
  }
  return new Uint8Array([...new Uint8Array(head.buffer), ...rest]);
}

test("frames are read as they were written", () => {
  const ticks = [-512, 0, 1, 3003, 200000, 3_000_000_000, 9_000_000_000_000];
  const f = read(written(1, 90000, ticks, 9_000_000_003_003));
  assert.deepEqual([...f.ticks], ticks);
  assert.deepEqual([f.base, f.end], [{ num: 1, den: 90000 }, 9_000_000_003_003]);
  assert.throws(() => read(written(1, 90000, ticks, 9e12).subarray(0, 40)));
});

test("a frame is found by any time at which it is shown, and by its own, rounded", () => {
  let seed = 7;
  const random = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
  const ticks: number[] = [];
  for (let i = 0, t = 0; i < 3000; i++, t += 300 + random(9000)) ticks.push(t);
  const f = new Frames({ num: 1, den: 90000 }, Float64Array.from(ticks), ticks.at(-1)! + 3000);
  for (let i = 0; i < ticks.length; i++) {
    assert.equal(f.index(f.middle(i)), i);
    assert.equal(f.index(f.startS(i)), i);
    const told = Math.round(f.startS(i) * 1e6) / 1e6; // as a browser tells it
    assert.equal(f.nearest(told), i);
  }
  assert.equal(f.index(-1), 0);
  assert.equal(f.index(1e9), ticks.length - 1);
  assert.deepEqual(f.until(ticks.length - 1), { ticks: f.end, base: f.base });
});
