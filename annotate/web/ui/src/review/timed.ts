import { signal } from "@preact/signals";
import type { Films, Player } from "./player.ts";

// Timed is who has a film before them, and a stretch of its time in view.
export abstract class Timed {
  abstract readonly player: Player;
  readonly view = signal({ from: 0, to: 0 }); // seconds that the lanes show; 0 to 0: all

  constructor(protected readonly films: Films) {}

  get length(): number {
    return Math.max(1, this.films.lengthS(this.player.recording.value));
  }

  // scrub goes to a time that is pointed at; with light while it is still drawn along.
  scrub(s: number, light = false): void {
    this.player.seekS(s, light);
  }

  // show scrolls and zooms the lanes so that a time is in them.
  show(fromS: number, toS: number): void {
    const { from, to } = this.view.peek();
    if (to === 0 || (fromS >= from && toS <= to)) return;
    const length = Math.max(to - from, (toS - fromS) * 1.5);
    const middle = (fromS + toS) / 2;
    this.view.value = { from: Math.max(0, middle - length / 2), to: Math.max(0, middle - length / 2) + length };
  }

  zoom(by: number, around = this.player.now.peek()): void {
    const all = this.length;
    const { from, to } = this.view.peek().to === 0 ? { from: 0, to: all } : this.view.peek();
    const length = Math.min(all, Math.max(shortestView, (to - from) * by));
    const at = around < from || around > to ? (from + to) / 2 : around;
    const next = Math.min(Math.max(0, at - ((at - from) / (to - from)) * length), all - length);
    this.view.value = length >= all ? { from: 0, to: 0 } : { from: next, to: next + length };
  }

  // follow turns the page of the lanes where what plays has left it.
  follow(s: number): void {
    const { from, to } = this.view.peek();
    if (to > 0 && (s < from || s > to)) this.scroll(s - from - (to - from) * 0.1);
  }

  // scroll moves what the lanes show.
  scroll(by: number): void {
    const { from, to } = this.view.peek();
    if (to === 0) return;
    const next = Math.min(Math.max(0, from + by), this.length - (to - from));
    this.view.value = { from: next, to: next + to - from };
  }

  faster(by: number): void {
    const now = speeds.indexOf(this.player.speed.peek());
    this.player.setSpeed(speeds[Math.min(Math.max(0, now + by), speeds.length - 1)]!);
  }
}

export const speeds = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];

const shortestView = 2; // seconds
