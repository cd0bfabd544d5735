import { at, type Base, type Instant } from "./time.ts";

// Frames are the times at which a film's pictures are shown, in order, in ticks of
// their base. The picture on the screen is one of these: what the browser says of it
// in seconds finds which.
export class Frames {
  constructor(
    readonly base: Base,
    readonly ticks: Float64Array, // of each picture
    readonly end: number, // of the last one, ticks
  ) {}

  get endS(): number {
    return (this.end * this.base.num) / this.base.den;
  }

  get count(): number {
    return this.ticks.length;
  }

  // index of the picture that is shown at some seconds: the last that does not start later.
  index(s: number): number {
    const t = (s * this.base.den) / this.base.num + slack;
    let low = 0;
    let high = this.ticks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ticks[middle]! <= t) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  // nearest is the picture whose time is nearest to some seconds, for times that a
  // browser has rounded.
  nearest(s: number): number {
    const i = this.index(s);
    const t = (s * this.base.den) / this.base.num;
    const next = this.ticks[i + 1];
    return next !== undefined && next - t < t - this.ticks[i]! ? i + 1 : i;
  }

  start(i: number): Instant {
    return { ticks: this.ticks[this.bound(i)] ?? 0, base: this.base };
  }

  // until is when the picture is over: the start of the next.
  until(i: number): Instant {
    return { ticks: this.ticks[this.bound(i) + 1] ?? this.end, base: this.base };
  }

  startS(i: number): number {
    return ((this.ticks[this.bound(i)] ?? 0) * this.base.num) / this.base.den;
  }

  // middle is a time at which any player shows the picture, however it rounds.
  middle(i: number): number {
    const a = this.ticks[this.bound(i)] ?? 0;
    const b = this.ticks[this.bound(i) + 1] ?? this.end;
    return (((a + b) / 2) * this.base.num) / this.base.den;
  }

  bound(i: number): number {
    return Math.min(Math.max(0, i), Math.max(0, this.ticks.length - 1));
  }
}

const slack = 1e-3; // of a tick: seconds are rounded

// read reads what /frames gives (docs/formats.md).
export function read(data: Uint8Array): Frames {
  if (data.length < header) throw new Error("the list of pictures is cut off");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint32(0, true) !== version) throw new Error("the list of pictures is of another version");
  const base = { num: view.getUint32(4, true), den: view.getUint32(8, true) };
  const ticks = new Float64Array(view.getUint32(12, true));
  const end = Number(view.getBigInt64(24, true));
  let t = Number(view.getBigInt64(16, true));
  let place = header;
  for (let i = 0; i < ticks.length; i++) {
    if (i > 0) {
      let factor = 1;
      for (let more = true; more; factor *= 128) {
        const byte = data[place++];
        if (byte === undefined) throw new Error("the list of pictures is cut off");
        t += (byte & 127) * factor;
        more = byte > 127;
      }
    }
    ticks[i] = t;
  }
  return new Frames(base, ticks, end);
}

const version = 1;
const header = 32;

// even stands in for films whose pictures are not known yet: ten a second.
export const even = (durationS: number): Frames => {
  const count = Math.max(1, Math.ceil(durationS * 10));
  return new Frames({ num: 1, den: 10 }, Float64Array.from({ length: count }, (_, i) => i), at(durationS, { num: 1, den: 10 }).ticks);
};
