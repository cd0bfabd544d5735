import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Hand, type Grip } from "../review/lanes/hand.ts";
import { Zoom } from "../review/lanes/zoom.tsx";
import { steps } from "../review/lanes/chart.ts";
import { peaks, wave, type Wave } from "../review/lanes/data.ts";
import { api } from "../api.ts";
import { theme } from "../theme.ts";
import { clock, tenths } from "../time.ts";
import { t } from "../words/index.ts";
import type { LabelDesk } from "./desk.ts";
import { colorOf, wordOf } from "./label.tsx";
import { move, tracks, type Mark, type Sheet, type Track } from "./sheet.ts";

// Strips show what is labelled over time: a strip for each track, in words and colours.

const axis = 24; // pixels
const tall = 26; // of a row of the track that is chosen
const low = 18; // of the others
const gap = 8;
const loud = 30; // of the sound
const title = 18; // of a strip whose name is above it
const narrow = 480; // pixels: names are above the strips, not beside them

// Strip is where a track lies, and its rows: one for each word that is there, where words
// may overlap.
interface Strip {
  track: Track;
  top: number;
  height: number;
  row: number; // height of one
  words: string[]; // of the rows; none: all are in one
}

function layout(sheet: Sheet, chosen: Track, titled: boolean, sound: boolean): { strips: Strip[]; height: number } {
  let top = axis + (sound ? loud + gap : 0);
  const strips = tracks.map((track) => {
    const there = new Set(sheet[track.name].map((m) => m.label));
    const words = track.apart ? [] : [...track.words.filter((w) => there.has(w)), ...[...there].filter((w) => !track.words.includes(w))];
    const row = track === chosen ? tall : low;
    if (titled) top += title;
    const strip = { track, top, row, words, height: row * Math.max(1, words.length) };
    top += strip.height + gap;
    return strip;
  });
  return { strips, height: top };
}

const rowOf = (s: Strip, m: Mark): number => Math.max(0, s.words.indexOf(m.label));

export function Strips({ desk }: { desk: LabelDesk }) {
  const width = useSignal(0);
  const at = useRef<HTMLDivElement>(null);
  const { book, player } = desk;
  const view = useComputed(() => (desk.view.value.to === 0 ? { from: 0, to: desk.length } : desk.view.value));
  const sheet = useComputed(() => drawn(desk));
  const titled = useComputed(() => width.value > 0 && width.value < narrow);
  const sound = useSignal<Wave | null>(null);
  const lay = useComputed(() => layout(sheet.value, desk.track.value, titled.value, sound.value !== null));
  useEffect(() => {
    if (!desk.doc.film.recording?.audio) return;
    let asked = false;
    return player.kind.subscribe((kind) => {
      if (asked || !kind) return; // the picture comes first
      asked = true;
      api.waveform(desk.doc.film.id).then((w) => (sound.value = w && wave(w)), () => undefined); // without it, one listens
    });
  }, [desk]);
  useEffect(() => {
    const sized = new ResizeObserver(([e]) => (width.value = Math.floor(e!.contentRect.width)));
    sized.observe(at.current!);
    new Hand(at.current!, desk, () => view.peek(), (place, s, near) => grip(desk, lay.peek().strips, book.sheet.peek(), place.y, s, near));
    const follow = player.now.subscribe((s) => player.pace.peek() !== 0 && desk.follow(s));
    return () => {
      sized.disconnect();
      follow();
    };
  }, [desk]);
  const { from, to } = view.value;
  const x = (s: number): number => ((s - from) / (to - from)) * width.value;
  const { strips, height } = lay.value;
  return (
    <section class={titled.value ? "panel lanes strips titled" : "panel lanes strips"} aria-label={t("label_strips")}>
      <div class="names" aria-hidden="true" style={{ height: `${height}px` }}>
        {sound.value && !titled.value && <span style={{ top: `${axis}px`, height: `${loud}px` }}>{t("label_sound")}</span>}
        {strips.map((s) => (
          <span key={s.track.name} class={s.track === desk.track.value ? "chosen" : ""} style={{ top: `${s.top - (titled.value ? title : 0)}px`, height: `${titled.value ? title : s.height}px` }}>{t(`track_${s.track.name}`)}</span>
        ))}
      </div>
      <div class="plot" id="lanes" style={{ height: `${height}px` }}>
        {ticks(from, to, width.value).map((s) => <span key={s} class="tick" style={{ left: `${x(s)}px` }}>{to - from < closeUp ? tenths(s) : clock(s)}</span>)}
        {sound.value && <Sound wave={sound.value} from={from} to={to} width={width.value} />}
        {strips.map((s) => (
          <div key={s.track.name} class={s.track === desk.track.value ? "strip chosen" : "strip"} style={{ top: `${s.top}px`, height: `${s.height}px` }}>
            {sheet.value[s.track.name].filter((m) => m.end_s >= from && m.start_s <= to).map((m) => (
              <Block key={`${m.label} ${m.start_s}`} strip={s} mark={m} left={x(Math.max(m.start_s, from - 1))} right={x(Math.min(m.end_s, to + 1))} />
            ))}
          </div>
        ))}
        <div class="touch" ref={at}><Needle desk={desk} x={x} /></div>
      </div>
      <Reach desk={desk} />
      <div class="row legend"><span class="grow" /><Zoom desk={desk} /></div>
    </section>
  );
}

const closeUp = 8; // seconds: of less, tenths are told

// ticks are times on the axis, with room for what is written at each.
function ticks(from: number, to: number, width: number): number[] {
  if (width < 50) return [];
  const each = steps.find((s) => (s / (to - from)) * width >= 76) ?? 3600;
  const all: number[] = [];
  for (let i = Math.ceil(from / each); i * each <= to - (40 / width) * (to - from); i++) all.push(Math.round(i * each * 10) / 10);
  return all;
}

function Block({ strip, mark, left, right }: { strip: Strip; mark: Mark; left: number; right: number }) {
  const wide = Math.max(2, right - left);
  return (
    <div class={`block ${colorOf(strip.track.name, mark.label)}${mark.on ? " on" : ""}`} style={{ left: `${left}px`, width: `${wide}px`, top: `${rowOf(strip, mark) * strip.row}px`, height: `${strip.row - 2}px` }}>
      {wide > 22 && <span>{wordOf(strip.track.name, mark.label)}{mark.note ? " ✎" : ""}</span>}
    </div>
  );
}

// Sound is the film's, as it is recorded.
function Sound({ wave: sound, from, to, width }: { wave: Wave; from: number; to: number; width: number }) {
  const at = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = at.current!;
    const ctx = canvas.getContext("2d");
    canvas.width = width;
    if (!ctx || width === 0) return;
    ctx.fillStyle = getComputedStyle(canvas).color;
    const unit = loud / 2 / Math.max(1, ...sound.levels.at(-1)!.map(Math.abs)); // quiet films too are seen
    peaks(sound, from, (to - from) / width, width, (i, least, most) => ctx.fillRect(i, loud / 2 - most * unit, 1, Math.max(1, (most - least) * unit)));
  }, [sound, from, to, width, theme.value]);
  return <canvas ref={at} class="loud" height={loud} aria-hidden="true" style={{ top: `${axis}px`, width: `${width}px`, height: `${loud}px` }} />;
}

function Needle({ desk, x }: { desk: LabelDesk; x: (s: number) => number }) {
  const s = desk.player.pace.value !== 0 ? desk.player.now.value : desk.here.value;
  return <div class="needle" style={{ transform: `translateX(${x(s)}px)` }} />;
}

// drawn is the sheet, with an edge that is drawn along where it is.
function drawn(desk: LabelDesk): Sheet {
  const sheet = desk.book.sheet.value;
  const d = desk.drawn.value;
  if (!d) return sheet;
  const track = tracks.find((x) => x.name === d.track)!;
  const mark = sheet[d.track].find((m) => m === d.mark);
  return mark ? { ...sheet, [d.track]: move(track, sheet[d.track], mark, d.edge, d.s) } : sheet;
}

// grip is what lies at a place: the edge of a label before the label itself.
function grip(desk: LabelDesk, strips: Strip[], sheet: Sheet, y: number, s: number, near: number): Grip | null {
  const strip = strips.find((x) => y >= x.top && y <= x.top + x.height);
  if (!strip) return null;
  const { track } = strip;
  const row = Math.min(Math.floor((y - strip.top) / strip.row), Math.max(0, strip.words.length - 1));
  const marks = sheet[track.name].filter((m) => rowOf(strip, m) === row);
  const press = (m: Mark | undefined) => () => {
    if (m) desk.pick(track, m, s);
    else {
      desk.choose(track);
      desk.go(s);
    }
  };
  const held = (m: Mark, edge: "start_s" | "end_s"): Grip => ({
    press: press(m),
    draw: (to) => (desk.drawn.value = to === null ? null : { track: track.name, mark: m, edge, s: to }),
    drop: (to) => {
      desk.choose(track);
      desk.shift(track, m, edge, to);
    },
  });
  for (const m of [...marks].reverse()) {
    if (Math.abs(s - m.start_s) < near && s < (m.start_s + m.end_s) / 2) return held(m, "start_s");
    if (Math.abs(s - m.end_s) < near && s >= (m.start_s + m.end_s) / 2) return held(m, "end_s");
  }
  return { press: press(marks.find((m) => s >= m.start_s && s < m.end_s)) };
}

// Reach lets the keyboard reach what is shown: the time.
function Reach({ desk }: { desk: LabelDesk }) {
  const s = useComputed(() => (desk.player.playing.value ? Math.floor(desk.player.now.value) : desk.here.value)).value;
  const press = (e: KeyboardEvent): void => {
    const n = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (!n || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    desk.tenths(e.shiftKey ? 10 * n : n, e.repeat);
  };
  return (
    <div class="reach">
      <div role="slider" tabIndex={0} aria-label={t("playhead")} aria-valuemin={0} aria-valuemax={Math.round(desk.length)} aria-valuenow={Math.round(s)} aria-valuetext={tenths(s)} onKeyDown={press}>{t("playhead")} <b>{tenths(s)}</b></div>
    </div>
  );
}
