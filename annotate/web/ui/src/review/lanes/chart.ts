import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Utterance } from "../../api.ts";
import { clock, precise, seconds } from "../../time.ts";
import { closest, farthest, firstAfter, peaks, type Runs, type Shown, type Wave } from "./data.ts";

// Chart draws the lanes of a film over one axis of time, on one canvas: curves by uPlot,
// which thins them out to what can be seen, and all else beside them.

export const laneNames = ["faces", "closeness", "voices", "motion", "moments", "segments"] as const;
export type Lane = (typeof laneNames)[number];

const heights: Record<Lane, number> = { faces: 28, closeness: 34, voices: 44, motion: 36, moments: 32, segments: 26 };
const low = 0.78; // of that, where the window is low
const gap = 7;
const axis = 24;
const title = 16; // of a lane whose name is above it

// Layout is where lanes lie, in pixels from the top.
export interface Layout {
  at: Record<Lane, { top: number; height: number }>;
  height: number;
}

export function layout(titled: boolean, tight: boolean): Layout {
  const at = {} as Layout["at"];
  let top = axis + 4;
  for (const lane of laneNames) {
    if (titled) top += title;
    const height = Math.round(heights[lane] * (tight ? low : 1));
    at[lane] = { top, height };
    top += height + (tight ? gap - 3 : gap);
  }
  return { at, height: top };
}

// Bar is a stretch of time that can be pressed.
export interface Bar {
  key: string;
  from: number;
  to: number;
  row: number;
  weight: number; // 0 to 1
  kept: boolean;
}

export interface Drawn {
  duration: number;
  shown: Shown | null;
  wave: Wave | null;
  speech: readonly Utterance[];
  moments: readonly Bar[];
  segments: readonly Bar[];
  current: string; // key of a bar
  swaps: readonly number[];
}

export const momentRows = 3;

interface Colors {
  ink: string; soft: string; line: string; panel: string; accent: string; accentSoft: string; parent: string; child: string; other: string; moment: string; hatch: CanvasPattern | string;
}

export class Chart {
  readonly plot: uPlot;
  private drawn: Drawn;
  private colors: Colors;
  private view = { from: 0, to: 1 };

  constructor(on: HTMLElement, width: number, private layout: Layout, drawn: Drawn) {
    this.drawn = drawn;
    this.view.to = drawn.duration;
    this.colors = colors();
    this.plot = new uPlot(this.options(width), this.data(), on);
  }

  // look shows a stretch of time.
  look(from: number, to: number): void {
    this.view = { from, to };
    this.plot.setScale("x", { min: from, max: to });
  }

  draw(drawn: Drawn): void {
    const curves = drawn.shown !== this.drawn.shown || drawn.duration !== this.drawn.duration;
    this.drawn = drawn;
    if (curves) this.plot.setData(this.data(), false);
    this.plot.redraw(curves, curves);
  }

  resize(width: number, to: Layout): void {
    this.layout = to;
    this.plot.setSize({ width, height: to.height });
  }

  recolor(): void {
    this.colors = colors();
    this.plot.redraw(true, true);
  }

  close(): void {
    this.plot.destroy();
  }

  private data(): uPlot.AlignedData {
    const s = this.drawn.shown;
    if (!s) return [[0, this.drawn.duration], [null, null], [null, null], [null, null]];
    return [s.times, s.closeness, s.motion.parent, s.motion.child];
  }

  // scale has a curve drawn in its lane: the lane's bottom is low, its top high.
  private scale(lane: Lane, low: number, high: number): uPlot.Scale {
    return {
      auto: false,
      range: () => {
        const { top, height } = this.layout.at[lane];
        const unit = (high - low) / height;
        const below = this.layout.height - top - height;
        return [low - below * unit, high + (top - axis) * unit];
      },
    };
  }

  private options(width: number): uPlot.Options {
    const curve = (scale: string, color: () => string, fill: boolean): uPlot.Series => ({
      scale, spanGaps: false, points: { show: false }, ...(fill ? { width: 0, fill: color, fillTo: 0 } : { width: 1.75, stroke: color }),
    });
    return {
      width, height: this.layout.height, padding: [0, 0, 0, 0], cursor: { show: false }, legend: { show: false }, select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      scales: {
        x: { time: false, auto: false, range: () => [this.view.from, this.view.to] },
        closeness: this.scale("closeness", -Math.log2(farthest), -Math.log2(closest)),
        motion: this.scale("motion", -1, 1),
      },
      axes: [
        {
          side: 0, size: axis, gap: 4, align: 1, space: 76, font: "12px Inter, system-ui, sans-serif", stroke: () => this.colors.soft,
          grid: { stroke: () => this.colors.line, width: 1 }, ticks: { show: false }, incrs: steps,
          values: (plot, all) => all.map((s) => this.label(s, plot.bbox.width / uPlot.pxRatio)),
        },
        { show: false },
      ],
      series: [
        {},
        curve("closeness", () => this.colors.moment, false),
        curve("motion", () => this.colors.parent, true),
        curve("motion", () => this.colors.child, true),
      ],
      hooks: { drawAxes: [() => this.behind()], draw: [() => this.before()] },
    };
  }

  // label of a time on the axis; none where there is no room for it.
  private label(s: number, width: number): string {
    const { from, to } = this.view;
    if (((s - from) / (to - from)) * width > width - labelled) return "";
    return to - from < closeUp ? precise(s).slice(0, -2) : clock(s);
  }

  // Lanes are drawn in pixels of the canvas.
  private get pen(): Pen {
    return new Pen(this.plot, this.layout, this.view);
  }

  private behind(): void {
    const p = this.pen;
    const c = this.colors;
    const s = this.drawn.shown;
    const all: Runs = { from: Float64Array.of(0), to: Float64Array.of(this.drawn.duration) };
    for (const lane of ["faces", "closeness", "motion", "voices"] as const) p.box(lane, c.line);
    p.runs("faces", s?.blind.parent ?? all, c.hatch, 0, 0.5);
    p.runs("faces", s?.blind.child ?? all, c.hatch, 0.5, 0.5);
    if (s) {
      p.alpha(0.45);
      p.runs("faces", s.seen.parent, c.parent, 0, 0.5);
      p.runs("faces", s.seen.child, c.child, 0.5, 0.5);
      p.alpha(1);
      p.runs("faces", s.facing, c.accent, 0, 1);
    }
    p.runs("closeness", s?.blind.closeness ?? all, c.hatch, 0, 1);
    p.runs("motion", s?.blind.motion ?? all, c.hatch, 0, 1);
    if (this.drawn.wave) {
      p.alpha(0.4);
      p.wave("voices", this.drawn.wave, c.soft);
      p.alpha(1);
    }
    p.done();
  }

  private before(): void {
    const p = this.pen;
    const c = this.colors;
    for (const u of this.drawn.speech) {
      if (u.voice === "background" || u.voice === "vocal") continue; // the wave shows them
      const [color, top] = u.voice === "adult" ? [c.parent, 0.08] : u.voice === "child" ? [c.child, 0.56] : [c.other, 0.32];
      p.stretch("voices", seconds(u.start), seconds(u.end), color, top, 0.36, 2);
    }
    for (const b of this.drawn.moments) {
      const on = b.key === this.drawn.current;
      p.alpha(on ? 1 : 0.3 + 0.6 * b.weight);
      p.stretch("moments", b.from, b.to, b.kept ? c.accent : c.moment, b.row / momentRows, 0.8 / momentRows, 3);
      p.alpha(1);
      if (on) p.outline("moments", b.from, b.to, c.ink, b.row / momentRows, 0.8 / momentRows);
    }
    for (const b of this.drawn.segments) {
      const on = b.key === this.drawn.current;
      p.stretch("segments", b.from, b.to, on ? c.accent : c.accentSoft, 0, 1, 4);
      p.outline("segments", b.from, b.to, c.accent, 0, 1);
      if (on) p.grips("segments", b.from, b.to, c.panel);
    }
    for (const s of this.drawn.swaps) p.mark(s, c.ink);
    p.done();
  }
}

const labelled = 46; // pixels that a label needs
const closeUp = 8; // seconds: of less, tenths are told
export const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

// Pen draws things of a time at their place.
class Pen {
  private readonly ctx: CanvasRenderingContext2D;
  private readonly left: number;
  private readonly right: number;
  private readonly perSecond: number;

  constructor(plot: uPlot, private readonly layout: Layout, private readonly view: { from: number; to: number }) {
    this.ctx = plot.ctx;
    this.left = plot.bbox.left;
    this.right = plot.bbox.left + plot.bbox.width;
    this.perSecond = plot.bbox.width / (view.to - view.from);
    this.ctx.save();
    this.ctx.beginPath();
    this.ctx.rect(this.left, 0, plot.bbox.width, plot.ctx.canvas.height);
    this.ctx.clip();
  }

  done(): void {
    this.ctx.restore();
  }

  alpha(a: number): void {
    this.ctx.globalAlpha = a;
  }

  private x(s: number): number {
    return this.left + (s - this.view.from) * this.perSecond;
  }

  // y is the place and height of a share of a lane.
  private y(lane: Lane, top: number, height: number): [number, number] {
    const at = this.layout.at[lane];
    const r = uPlot.pxRatio;
    return [(at.top + at.height * top) * r, at.height * height * r];
  }

  box(lane: Lane, color: string): void {
    const [y, h] = this.y(lane, 1, 0);
    this.ctx.fillStyle = color;
    this.ctx.fillRect(this.left, y + h, this.right - this.left, uPlot.pxRatio);
  }

  // runs fills stretches; those of one pixel are drawn once.
  runs(lane: Lane, all: Runs, fill: string | CanvasPattern, top: number, height: number): void {
    const [y, h] = this.y(lane, top, height);
    this.ctx.fillStyle = fill;
    this.ctx.beginPath();
    let until = -Infinity;
    for (let i = firstAfter(all, this.view.from); i < all.from.length && all.from[i]! < this.view.to; i++) {
      const from = Math.max(until, Math.floor(this.x(Math.max(all.from[i]!, this.view.from))));
      const to = Math.max(from + 1, Math.round(this.x(Math.min(all.to[i]!, this.view.to))));
      if (to <= until) continue;
      this.ctx.rect(from, y, to - from, h);
      until = to;
    }
    this.ctx.fill();
  }

  stretch(lane: Lane, fromS: number, toS: number, color: string, top: number, height: number, round: number): void {
    if (toS < this.view.from || fromS > this.view.to) return;
    const [y, h] = this.y(lane, top, height);
    const x = this.x(fromS);
    const w = Math.max(uPlot.pxRatio * 2, this.x(toS) - x);
    this.ctx.fillStyle = color;
    if (w < 6) return this.ctx.fillRect(x, y, w, h);
    this.shape(x, y, w, h, round);
    this.ctx.fill();
  }

  outline(lane: Lane, fromS: number, toS: number, color: string, top: number, height: number): void {
    if (toS < this.view.from || fromS > this.view.to) return;
    const [y, h] = this.y(lane, top, height);
    const r = uPlot.pxRatio;
    this.ctx.strokeStyle = color;
    this.ctx.lineWidth = 1.5 * r;
    this.shape(this.x(fromS) + r / 2, y + r / 2, Math.max(2 * r, this.x(toS) - this.x(fromS)) - r, h - r, 4);
    this.ctx.stroke();
  }

  private shape(x: number, y: number, w: number, h: number, round: number): void {
    this.ctx.beginPath();
    this.ctx.roundRect(x, y, w, h, Math.min(round * uPlot.pxRatio, w / 2));
  }

  // grips show that the ends can be taken hold of.
  grips(lane: Lane, fromS: number, toS: number, color: string): void {
    const r = uPlot.pxRatio;
    const [y, h] = this.y(lane, 0.25, 0.5);
    if (this.x(toS) - this.x(fromS) < 16 * r) return;
    this.ctx.fillStyle = color;
    this.ctx.fillRect(this.x(fromS) + 4 * r, y, 2 * r, h);
    this.ctx.fillRect(this.x(toS) - 6 * r, y, 2 * r, h);
  }

  // mark is a dashed line through all lanes.
  mark(s: number, color: string): void {
    if (s < this.view.from || s > this.view.to) return;
    const r = uPlot.pxRatio;
    this.ctx.strokeStyle = color;
    this.ctx.lineWidth = r;
    this.ctx.setLineDash([3 * r, 3 * r]);
    this.ctx.beginPath();
    this.ctx.moveTo(this.x(s), axis * r);
    this.ctx.lineTo(this.x(s), this.layout.height * r);
    this.ctx.stroke();
    this.ctx.setLineDash([]);
  }

  // wave draws sound, for each pixel its least and most.
  wave(lane: Lane, wave: Wave, color: string): void {
    const [top, h] = this.y(lane, 0, 1);
    const half = h / 2;
    this.ctx.fillStyle = color;
    this.ctx.beginPath();
    peaks(wave, this.view.from, 1 / this.perSecond, this.right - this.left, (i, least, most) => {
      this.ctx.rect(this.left + i, top + half - (most / 128) * half, 1, Math.max(1, ((most - least) / 128) * half));
    });
    this.ctx.fill();
  }
}

// colors are those of the page, as they are now.
function colors(): Colors {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: of("ink"), soft: of("soft"), line: of("line"), panel: of("panel"), accent: of("accent"), accentSoft: of("accent-soft"), parent: of("parent"), child: of("child"), other: of("other"),
    moment: of("moment"), hatch: hatch(of("line")),
  };
}

function hatch(color: string): CanvasPattern | string {
  const side = 8 * Math.max(1, Math.round(uPlot.pxRatio));
  const tile = document.createElement("canvas");
  tile.width = tile.height = side;
  const ctx = tile.getContext("2d");
  if (!ctx) return color;
  ctx.strokeStyle = color;
  ctx.lineWidth = side / 4;
  ctx.beginPath();
  for (const shift of [-side, 0, side]) {
    ctx.moveTo(shift, side);
    ctx.lineTo(shift + side, 0);
  }
  ctx.stroke();
  return ctx.createPattern(tile, "repeat") ?? color;
}
