import { lang } from "./words/index.ts";

// Media time is ticks of a rational base, as everywhere in dyade. Seconds are only for
// showing it and for the browser's player.

export interface Base {
  num: number;
  den: number;
}

export interface Instant {
  ticks: number;
  base: Base;
}

export const seconds = (t: Instant): number => (t.ticks * t.base.num) / t.base.den;

export const same = (a: Instant, b: Instant): boolean =>
  a.ticks === b.ticks && a.base.num === b.base.num && a.base.den === b.base.den;

const millisecond: Base = { num: 1, den: 1000 };

// at is the instant nearest to some seconds.
export const at = (s: number, base: Base = millisecond): Instant => ({
  ticks: Math.round((s * base.den) / base.num),
  base,
});

const two = (n: number): string => String(n).padStart(2, "0");

// clock writes seconds as 04:12, with hours only where there are some.
export function clock(s: number): string {
  const whole = Math.max(0, Math.floor(s + 1e-6));
  const h = Math.floor(whole / 3600);
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return h > 0 ? `${h}:${rest}` : rest;
}

// tenths writes seconds as 04:12,4.
export const tenths = (s: number): string => `${precise(Math.round(s * 10) / 10).slice(0, -2)}`;

// precise writes seconds as 04:12,480, with the reader's sign.
export function precise(s: number): string {
  const ms = Math.max(0, Math.round(s * 1000));
  return `${clock(Math.floor(ms / 1000))}${lang.value === "fr" ? "," : "."}${String(ms % 1000).padStart(3, "0")}`;
}
