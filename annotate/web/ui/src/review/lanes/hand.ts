import type { Timed } from "../timed.ts";
import type { Desk } from "../desk.ts";
import type { Entry } from "../entries.ts";
import { momentRows, type Bar, type Layout } from "./chart.ts";

// Hand is what fingers and mouse do on the lanes: press something to go to it, draw the
// playhead along, take a stretch by its end, pinch to zoom.

// Grip is something that is taken hold of.
export interface Grip {
  press?: () => void; // instead of going where it was pressed
  draw?: (s: number | null) => void; // it is drawn to a time; null: no more
  drop?: (s: number) => void; // and let go there
}

interface Place {
  x: number;
  y: number;
}

export class Hand {
  private readonly fingers = new Map<number, Place>();
  private grip: Grip | null = null;
  private from = { x: 0, y: 0 };
  private moved = false;
  private spread = 0;
  private due = 0;

  // under finds what is near a place, and the time there.
  constructor(
    private readonly on: HTMLElement,
    private readonly desk: Timed,
    private readonly view: () => { from: number; to: number },
    private readonly under: (at: Place, s: number, near: number) => Grip | null,
  ) {
    on.addEventListener("pointerdown", (e) => this.down(e));
    on.addEventListener("pointermove", (e) => this.move(e));
    on.addEventListener("pointerup", (e) => this.up(e, true));
    on.addEventListener("pointercancel", (e) => this.up(e, false));
    on.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
  }

  private place(e: { clientX: number; clientY: number }): Place {
    const r = this.on.getBoundingClientRect();
    return { x: e.clientX - r.left, y: e.clientY - r.top };
  }

  private s(x: number): number {
    const view = this.view();
    return view.from + (x / this.on.clientWidth) * (view.to - view.from);
  }

  private find(at: Place, reach: number): Grip | null {
    const s = this.s(at.x);
    return this.under(at, s, this.s(at.x + reach) - s);
  }

  private down(e: PointerEvent): void {
    if (e.button !== 0) return;
    const at = this.place(e);
    this.on.setPointerCapture(e.pointerId);
    this.fingers.set(e.pointerId, at);
    if (this.fingers.size === 2) {
      cancelAnimationFrame(this.due);
      this.grip?.draw?.(null);
      this.desk.player.settle();
      this.spread = this.between();
      return;
    }
    this.from = at;
    this.moved = false;
    this.grip = this.find(at, e.pointerType === "touch" ? 18 : 7);
    if (!this.grip && e.pointerType !== "touch") this.desk.scrub(this.s(at.x), true);
  }

  private move(e: PointerEvent): void {
    const at = this.place(e);
    if (!this.fingers.has(e.pointerId)) {
      const grip = this.find(at, 7);
      this.on.classList.toggle("edge", grip?.drop !== undefined);
      this.on.classList.toggle("bar", grip !== null);
      return;
    }
    this.fingers.set(e.pointerId, at);
    if (this.spread > 0) { // until all are lifted
      if (this.fingers.size === 2) this.pinch();
      return;
    }
    if (!this.moved && Math.abs(at.x - this.from.x) < 4) return;
    this.moved = true;
    cancelAnimationFrame(this.due);
    this.due = requestAnimationFrame(() => this.drag(at.x));
  }

  private drag(x: number): void {
    const s = this.s(x);
    this.grip?.draw?.(s);
    this.desk.scrub(s, true);
  }

  private up(e: PointerEvent, meant: boolean): void {
    const at = this.fingers.get(e.pointerId);
    if (!this.fingers.delete(e.pointerId) || !at) return;
    if (this.spread > 0) {
      if (this.fingers.size === 0) this.spread = 0;
      return;
    }
    cancelAnimationFrame(this.due);
    const { grip } = this;
    grip?.draw?.(null);
    if (!meant) return this.desk.player.settle();
    if (!this.moved && grip?.press) return grip.press();
    const s = this.s(at.x);
    if (this.moved) grip?.drop?.(s);
    this.desk.scrub(s);
  }

  private between(): number {
    const [a, b] = [...this.fingers.values()];
    return Math.max(1, Math.abs(a!.x - b!.x));
  }

  private pinch(): void {
    const [a, b] = [...this.fingers.values()];
    const now = this.between();
    this.desk.zoom(this.spread / now, this.s((a!.x + b!.x) / 2));
    this.spread = now;
  }

  // The wheel alone scrolls the page; with Ctrl, as a pinched touchpad says it, it zooms.
  private wheel(e: WheelEvent): void {
    const { desk } = this;
    const view = this.view();
    const sideways = e.shiftKey ? e.deltaX || e.deltaY : Math.abs(e.deltaX) > Math.abs(e.deltaY) ? e.deltaX : 0;
    if (e.ctrlKey || e.metaKey) {
      e.preventDefault();
      desk.zoom(Math.exp(Math.max(-60, Math.min(60, e.deltaY)) / 100), this.s(this.place(e).x));
    } else if (sideways !== 0) {
      e.preventDefault();
      desk.scroll((sideways / this.on.clientWidth) * (view.to - view.from));
    }
  }
}

// Field is what lies on the lanes of a review.
export interface Field {
  desk: Desk;
  layout: Layout;
  moments: readonly Bar[];
  segments: readonly Bar[];
  pull: (p: Pull | null) => void;
}

// Pull is the end of a segment that is being drawn along, and where it is.
export interface Pull {
  key: string;
  edge: "start" | "end";
  frame: number;
}

// grip is what lies at a place: an end of a segment before the segment itself.
export function grip(f: Field, y: number, s: number, near: number): Grip | null {
  const { top, height } = f.layout.at.segments;
  if (y >= top && y <= top + height) {
    for (const bar of [...f.segments].reverse()) {
      if (Math.abs(s - bar.from) < near && s < (bar.from + bar.to) / 2) return held(f, bar, "start");
      if (Math.abs(s - bar.to) < near) return held(f, bar, "end");
      if (s >= bar.from && s <= bar.to) return held(f, bar);
    }
  }
  const m = f.layout.at.moments;
  if (y < m.top || y > m.top + m.height) return null;
  const row = Math.floor(((y - m.top) / m.height) * momentRows);
  const hits = f.moments.filter((b) => s >= b.from - near / 2 && s <= b.to + near / 2);
  const bar = hits.find((b) => b.row === row) ?? hits[0];
  return bar ? held(f, bar) : null;
}

// held is a bar that is pressed, or one of its ends that may be drawn along.
function held({ desk, pull }: Field, bar: Bar, edge?: "start" | "end"): Grip {
  const entry = (): Entry | undefined => desk.entries.peek().find((x) => x.key === bar.key || x.segment?.entity === bar.key);
  const frame = (s: number): number => desk.player.frames.peek().index(s);
  return {
    press: () => {
      const e = entry();
      if (e) desk.choose(e);
    },
    ...(edge ? {
      draw: (s: number | null) => pull(s === null ? null : { key: bar.key, edge, frame: frame(s) }),
      drop: (s: number) => {
        const e = entry();
        if (!e) return;
        desk.choose(e, false);
        desk.trimTo(edge, frame(s), e);
      },
    } : {}),
  };
}

// pulled is a bar as it is while one of its ends is drawn along.
export function pulled(bars: readonly Bar[], p: Pull | null, desk: Desk): readonly Bar[] {
  if (!p) return bars;
  const frames = desk.player.frames.peek();
  return bars.map((b) => {
    if (b.key !== p.key) return b;
    const s = frames.startS(p.frame);
    return p.edge === "start" ? { ...b, from: Math.min(s, b.to) } : { ...b, to: Math.max(b.from, s) };
  });
}

