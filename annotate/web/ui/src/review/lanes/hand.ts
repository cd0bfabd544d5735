import type { Desk } from "../desk.ts";
import { momentRows, type Bar, type Layout } from "./chart.ts";

// Hand is what fingers and mouse do on the lanes: press something to go to it, draw the
// playhead along, take a segment by its end, pinch to zoom.

export interface Field {
  desk: Desk;
  layout: Layout;
  moments: readonly Bar[];
  segments: readonly Bar[];
  view: { from: number; to: number };
}

// Pull is the end of a segment that is being drawn along, and where it is.
export interface Pull {
  key: string;
  edge: "start" | "end";
  frame: number;
}

type Target = { bar: Bar; edge?: "start" | "end" } | null;

export class Hand {
  private readonly fingers = new Map<number, { x: number; y: number }>();
  private target: Target = null;
  private from = { x: 0, y: 0 };
  private moved = false;
  private spread = 0;
  private due = 0;

  constructor(
    private readonly on: HTMLElement,
    private readonly field: () => Field,
    private readonly pull: (p: Pull | null) => void,
  ) {
    on.addEventListener("pointerdown", (e) => this.down(e));
    on.addEventListener("pointermove", (e) => this.move(e));
    on.addEventListener("pointerup", (e) => this.up(e, true));
    on.addEventListener("pointercancel", (e) => this.up(e, false));
    on.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
  }

  private place(e: { clientX: number; clientY: number }): { x: number; y: number } {
    const r = this.on.getBoundingClientRect();
    return { x: e.clientX - r.left, y: e.clientY - r.top };
  }

  private s(x: number): number {
    const { view } = this.field();
    return view.from + (x / this.on.clientWidth) * (view.to - view.from);
  }

  // under is what lies at a place: an end of a segment before the segment itself.
  private under({ x, y }: { x: number; y: number }, reach: number): Target {
    const { layout, moments, segments } = this.field();
    const s = this.s(x);
    const near = this.s(x + reach) - s;
    const { top, height } = layout.at.segments;
    if (y >= top && y <= top + height) {
      for (const bar of [...segments].reverse()) {
        if (Math.abs(s - bar.from) < near && s < (bar.from + bar.to) / 2) return { bar, edge: "start" };
        if (Math.abs(s - bar.to) < near) return { bar, edge: "end" };
        if (s >= bar.from && s <= bar.to) return { bar };
      }
    }
    const m = layout.at.moments;
    if (y < m.top || y > m.top + m.height) return null;
    const row = Math.floor(((y - m.top) / m.height) * momentRows);
    const hits = moments.filter((b) => s >= b.from - near / 2 && s <= b.to + near / 2);
    const bar = hits.find((b) => b.row === row) ?? hits[0];
    return bar ? { bar } : null;
  }

  private down(e: PointerEvent): void {
    if (e.button !== 0) return;
    const at = this.place(e);
    this.on.setPointerCapture(e.pointerId);
    this.fingers.set(e.pointerId, at);
    if (this.fingers.size === 2) {
      cancelAnimationFrame(this.due);
      this.pull(null);
      this.field().desk.player.settle();
      this.spread = this.between();
      return;
    }
    this.from = at;
    this.moved = false;
    this.target = this.under(at, e.pointerType === "touch" ? 18 : 7);
    if (!this.target && e.pointerType !== "touch") this.field().desk.player.seekS(this.s(at.x), true);
  }

  private move(e: PointerEvent): void {
    const at = this.place(e);
    if (!this.fingers.has(e.pointerId)) {
      this.on.classList.toggle("edge", this.under(at, 7)?.edge !== undefined);
      this.on.classList.toggle("bar", this.under(at, 7) !== null);
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
    const { desk } = this.field();
    const s = this.s(x);
    const p = desk.player;
    if (this.target?.edge) {
      const frame = p.frames.peek().index(s);
      this.pull({ key: this.target.bar.key, edge: this.target.edge, frame });
      p.seek(frame, p.recording.peek(), true);
    } else {
      p.seekS(s, true);
    }
  }

  private up(e: PointerEvent, meant: boolean): void {
    const at = this.fingers.get(e.pointerId);
    if (!this.fingers.delete(e.pointerId) || !at) return;
    if (this.spread > 0) {
      if (this.fingers.size === 0) this.spread = 0;
      return;
    }
    cancelAnimationFrame(this.due);
    this.pull(null);
    const { desk } = this.field();
    if (!meant) return desk.player.settle();
    const { target } = this;
    const entry = target && desk.entries.peek().find((x) => x.key === target.bar.key || x.segment?.entity === target.bar.key);
    if (!this.moved && entry) return desk.choose(entry);
    const frame = desk.player.frames.peek().index(this.s(at.x));
    if (this.moved && target?.edge && entry) {
      desk.choose(entry, false);
      desk.trimTo(target.edge, frame, entry);
    }
    desk.player.seek(frame);
  }

  private between(): number {
    const [a, b] = [...this.fingers.values()];
    return Math.max(1, Math.abs(a!.x - b!.x));
  }

  private pinch(): void {
    const [a, b] = [...this.fingers.values()];
    const now = this.between();
    this.field().desk.zoom(this.spread / now, this.s((a!.x + b!.x) / 2));
    this.spread = now;
  }

  // The wheel alone scrolls the page; with Ctrl, as a pinched touchpad says it, it zooms.
  private wheel(e: WheelEvent): void {
    const { desk, view } = this.field();
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

