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

// read reads what /frames gives (docs/formats.md): base, count and end, then the
// differences of the times, as variable-length numbers.
export function read(data: Uint8Array): Frames {
  let place = 0;
  const next = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = data[place++];
      if (byte === undefined) throw new Error("the list of pictures is cut off");
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const base = { num: next(), den: next() };
  const count = next();
  const end = next();
  if (base.den === 0 || count > data.length) throw new Error("the list of pictures cannot be read");
  const ticks = new Float64Array(count);
  for (let i = 0, t = 0; i < count; i++) ticks[i] = t += next();
  return new Frames(base, ticks, end);
}

// even stands in for films whose pictures are not known yet: ten a second.
export const even = (durationS: number): Frames => {
  const count = Math.max(1, Math.ceil(durationS * 10));
  return new Frames({ num: 1, den: 10 }, Float64Array.from({ length: count }, (_, i) => i), at(durationS, { num: 1, den: 10 }).ticks);
};
