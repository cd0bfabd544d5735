import { computed, effect, signal, useComputed, type ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { api } from "../../api.ts";
import { Icon } from "../../parts/icon.tsx";
import { swaps } from "../../model.ts";
import { theme } from "../../theme.ts";
import { clock, precise, seconds } from "../../time.ts";
import { lang, known, lengthOf, number, t } from "../../words/index.ts";
import type { Desk } from "../desk.ts";
import { endS, startS } from "../entries.ts";
import { Chart, laneNames, layout, momentRows, type Bar, type Drawn, type Layout } from "./chart.ts";
import { columns, lengthOf as lengthOfRuns, rows, shown, signalNames, wave, type Shown, type Wave } from "./data.ts";
import { grip, Hand, pulled, type Pull } from "./hand.ts";
import { Zoom } from "./zoom.tsx";

// Film is what the lanes have of each film: it is fetched when the film is first shown.
class Films {
  readonly signals = signal<Record<string, Awaited<ReturnType<typeof api.signals>>>>({});
  readonly waves = signal<Record<string, Wave | null>>({});
  private readonly asked = new Set<string>();

  constructor(private readonly desk: Desk) {}

  // fetch asks for what there is of a film now: its signals once its analysis is done.
  fetch(id: string): void {
    const { open, player } = this.desk;
    if (player.kind.value === "") return; // the picture comes first
    const p = open.proposed.value[id];
    const signals = `signals ${id} ${open.recording(id)?.ranking ?? 0}`;
    if (p?.final && this.once(signals)) {
      api.signals(id, signalNames(columns(p.people ?? []))).then((s) => (this.signals.value = { ...this.signals.peek(), [id]: s }), () => this.asked.delete(signals));
    }
    if (open.recording(id)?.recording?.audio && this.once(`wave ${id}`)) {
      api.waveform(id).then((w) => (this.waves.value = { ...this.waves.peek(), [id]: w && wave(w) }), () => this.asked.delete(`wave ${id}`));
    }
  }

  private once(what: string): boolean {
    return !this.asked.has(what) && this.asked.add(what) !== undefined;
  }
}

// model works out what the lanes draw, each part when what it is of has changed.
function model(desk: Desk) {
  const films = new Films(desk);
  const id = desk.player.recording;
  const proposed = computed(() => desk.open.proposed.value[id.value]);
  const turns = computed(() => swaps(desk.open.review.facts.value).filter((x) => x.recording === id.value).map((x) => seconds(x.at)));
  const roles = computed(() => (proposed.value?.people ?? []).map((p) => [p.id, ...[-1, ...turns.value].map((s) => desk.role(id.value, p.id, s))].join(" ")).join());
  const seen = computed<Shown | null>(() => {
    const s = films.signals.value[id.value];
    void roles.value; // which says whether anything about them has changed
    return s ? shown(s, columns(proposed.value?.people ?? []), turns.peek(), (p, at) => desk.role(id.peek(), p, at)) : null;
  });
  const entries = computed(() => desk.entries.value.filter((e) => e.recording === id.value));
  const moments = computed<Bar[]>(() => {
    const all = entries.value.filter((e) => e.proposal && e.proposal.verdict !== "dropped").sort((a, b) => a.proposal!.moment.start_s - b.proposal!.moment.start_s);
    const row = rows(all.map((e) => e.proposal!.moment), momentRows);
    return all.map((e, i) => {
      const m = e.proposal!.moment;
      return { key: e.key, from: m.start_s, to: m.end_s, row: row[i]!, weight: m.score, kept: e.segment !== null };
    });
  });
  const segments = computed<Bar[]>(() => entries.value.filter((e) => e.segment).map((e) => ({ key: e.key, from: startS(e), to: endS(e), row: 0, weight: 1, kept: true })));
  return { films, id, proposed, turns, seen, moments, segments };
}

const narrow = 480; // pixels: names are above the lanes, not beside them
const low = 840; // pixels of the window's height

// Lanes show over time what was seen and heard, what is proposed and what is kept.
export function Lanes({ desk }: { desk: Desk }) {
  const m = useMemo(() => model(desk), [desk]);
  const pull = useMemo(() => signal<Pull | null>(null), [desk]);
  const width = useMemo(() => signal(0), [desk]);
  const titled = useMemo(() => computed(() => width.value < narrow), [desk]);
  const tight = useMemo(() => signal(innerHeight < low), [desk]);
  const lanes = useMemo(() => computed(() => layout(titled.value, tight.value)), [desk]);
  const plot = useRef<HTMLDivElement>(null);
  const over = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const sized = new ResizeObserver(([e]) => {
      width.value = Math.floor(e!.contentRect.width);
      tight.value = innerHeight < low;
    });
    sized.observe(plot.current!);
    return () => sized.disconnect();
  }, [desk]);
  useEffect(() => effect(() => m.films.fetch(m.id.value)), [desk]);
  useEffect(() => drawing(desk, m, pull, width, lanes, plot.current!, over.current!, head.current!), [desk]);
  const { at, height } = lanes.value;
  const done = m.proposed.value?.final ?? false;
  return (
    <section class={titled.value ? "panel lanes titled" : "panel lanes"} aria-label={t("lanes")}>
      <div class="names" aria-hidden="true" style={{ height: `${height}px` }}>
        {laneNames.map((lane) => (
          <span key={lane} style={{ top: `${at[lane].top - (titled.value ? 16 : 0)}px`, height: titled.value ? "16px" : `${at[lane].height}px` }}>
            {t(`lane_${lane}`)}
          </span>
        ))}
      </div>
      <div class="plot" id="lanes" ref={plot} style={{ height: `${height}px` }}>
        {!done && (["faces", "closeness", "motion"] as const).map((lane) => (
          <span key={lane} class="later" style={{ top: `${at[lane].top}px`, height: `${at[lane].height}px` }}><span>{t("lane_later")}</span></span>
        ))}
        <div class="touch" ref={over}><div class="needle" ref={head} /></div>
      </div>
      <Reach desk={desk} />
      <div class="row legend">
        <p class="small grow">
          <span><span class="key hatch" />{t("lanes_unknown")}</span> <span><span class="key role-parent" />{t("role_parent")}</span> <span><span class="key role-child" />{t("role_child")}</span> <span><span class="key facing" />{t("lane_facing")}</span>
        </p>
        <Zoom desk={desk} />
      </div>
      <Said desk={desk} seen={m.seen.value} />
    </section>
  );
}

// drawing keeps the canvas and the playhead as things are, at most once a frame.
function drawing(desk: Desk, m: ReturnType<typeof model>, pull: { value: Pull | null }, width: { value: number }, lanes: ReadonlySignal<Layout>, on: HTMLElement, over: HTMLElement, head: HTMLElement): () => void {
  const view = computed(() => (desk.view.value.to === 0 ? { from: 0, to: desk.length } : desk.view.value));
  const drawn = computed<Drawn>(() => ({
    duration: desk.length, shown: m.seen.value, wave: m.films.waves.value[m.id.value] ?? null, speech: m.proposed.value?.speech ?? [],
    moments: m.moments.value, segments: pulled(m.segments.value, pull.value, desk), current: desk.current.value?.key ?? "", swaps: m.turns.value,
  }));
  let chart: Chart | null = null;
  const { soon, off } = frame();
  const field = () => ({ desk, layout: lanes.peek(), moments: m.moments.peek(), segments: m.segments.peek(), pull: (p: Pull | null) => (pull.value = p) });
  new Hand(over, desk, () => view.peek(), (at, s, near) => grip(field(), at.y, s, near));
  const offs = [
    effect(() => {
      if (width.value < 50) return;
      const [w, l, d] = [width.value, lanes.value, drawn.peek()];
      if (chart) chart.resize(w, l);
      else chart = new Chart(on, w, l, d);
    }),
    effect(() => {
      const d = drawn.value;
      soon("draw", () => chart?.draw(d));
    }),
    effect(() => {
      const { from, to } = view.value;
      soon("look", () => chart?.look(from, to));
    }),
    effect(() => {
      const { from, to } = view.value;
      const at = ((desk.player.aimS.value - from) / (to - from)) * width.value;
      soon("head", () => {
        head.style.transform = `translateX(${at}px)`;
        head.hidden = at < -1 || at > width.value + 1;
      });
    }),
    effect(() => {
      if (desk.player.pace.value !== 0) desk.follow(desk.player.now.value);
    }),
    theme.subscribe(() => soon("color", () => chart?.recolor())),
  ];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const recolor = (): void => soon("color", () => chart?.recolor());
  dark.addEventListener("change", recolor);
  return () => {
    dark.removeEventListener("change", recolor);
    for (const end of offs) end();
    off();
    chart?.close();
  };
}

// frame gathers what is to be done in the next frame, the last of each kind; off calls it
// off.
function frame(): { soon: (kind: string, what: () => void) => void; off: () => void } {
  const due = new Map<string, () => void>();
  let asked = 0;
  const soon = (kind: string, what: () => void): void => {
    due.set(kind, what);
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      const all = [...due.values()];
      due.clear();
      for (const f of all) f();
    });
  };
  return { soon, off: () => cancelAnimationFrame(asked) };
}

// Reach lets the keyboard reach what the canvas shows: the time, and the moments in their
// order.
function Reach({ desk }: { desk: Desk }) {
  const s = useComputed(() => (desk.player.playing.value ? Math.floor(desk.player.now.value) : desk.player.now.value)).value;
  const all = desk.entries.value.filter((e) => e.recording === desk.player.recording.value && e.proposal?.verdict !== "dropped").sort((a, b) => startS(a) - startS(b));
  const at = all.findIndex((e) => e.key === desk.current.value?.key);
  const e = all[at];
  const turn = (by: number): void => {
    const next = at >= 0 ? all[at + by] : by > 0 ? all.find((x) => startS(x) > s) : all.findLast((x) => endS(x) < s);
    if (next) desk.choose(next);
  };
  const press = (by: (n: number, held: boolean) => void) => (ev: KeyboardEvent): void => {
    const n = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[ev.key];
    if (!n || ev.ctrlKey || ev.metaKey || ev.altKey) return;
    ev.preventDefault();
    by(n, ev.repeat);
  };
  return (
    <div class="reach">
      <div role="slider" tabIndex={0} aria-label={t("playhead")} aria-valuemin={0} aria-valuemax={Math.round(desk.length)} aria-valuenow={Math.round(s)} aria-valuetext={precise(s)}
        onKeyDown={press((n, held) => desk.player.step(n, held))}><Icon name="film" /> {t("playhead")} <b>{precise(s)}</b></div>
      <div role="listbox" tabIndex={0} aria-label={t("moments_by_time")} aria-activedescendant={e ? "moment-now" : undefined} onKeyDown={press(turn)}>
        {e ? <div role="option" id="moment-now" aria-selected aria-posinset={at + 1} aria-setsize={all.length}>{t("moment_of", at + 1, all.length)} {known(`kind_${e.proposal?.moment.kind ?? ""}`, t("kind_"))}, {t("from_to", clock(startS(e)), clock(endS(e)))}</div>
          : <div role="option" id="moment-now" aria-selected={false}>{t("moments_arrows")}</div>}
      </div>
    </div>
  );
}

// Said is what the lanes show, in words.
function Said({ desk, seen }: { desk: Desk; seen: Shown | null }) {
  void lang.value;
  if (!seen) return null;
  const all = desk.length;
  const share = (s: number): string => t("percent", number((100 * s) / all));
  return (
    <p class="aside">
      {t("lanes_said", lengthOf(lengthOfRuns(seen.facing)), lengthOf(all), share(lengthOfRuns(seen.seen.parent)), share(lengthOfRuns(seen.seen.child)), share(lengthOfRuns(seen.blind.closeness)))}
    </p>
  );
}
