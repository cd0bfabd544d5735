import { computed, signal } from "@preact/signals";
import { api, url, type Recording } from "../api.ts";
import { hear } from "../hear.ts";
import { Pace } from "../parts/pace.ts";
import { lang } from "../words/index.ts";

// Sitting is a visit as the home page has it: its films, the first first.
export interface Sitting {
  id: string;
  began: string; // when its first film came
  recordings: Recording[];
}

export interface Day {
  day: string; // 2026-11-22, where the reader is
  sittings: Sitting[];
}

// Shelf is all recordings there are, as the server tells of them.
export class Shelf {
  readonly recordings = signal<ReadonlyMap<string, Recording>>(new Map());
  readonly loaded = signal(false);
  readonly away = signal(false);
  readonly trouble = signal("");
  readonly moments = signal<Record<string, number>>({}); // how many are proposed, by recording
  readonly sittings = computed(() => sittings([...this.recordings.value.values()]));
  readonly pace = new Pace();

  private readonly counted = new Map<string, string>(); // what of each was counted

  // open listens until the function that it gives is called.
  open(): () => void {
    let draft: Map<string, Recording> | null = null;
    let timer = 0;
    // What comes at once is drawn at once: all of it comes anew after each connection.
    const change = (does: (all: Map<string, Recording>) => void): void => {
      if (!draft) {
        draft = new Map(this.recordings.peek());
        timer = window.setTimeout(() => {
          this.recordings.value = draft!;
          this.loaded.value = true;
          draft = null;
        }, gather);
      }
      does(draft);
    };
    const start = (): (() => void) => hear(() => url.events(lang.peek()), {
      reset: () => change((all) => all.clear()),
      recording: (r) => change((all) => all.set((r as Recording).id, r as Recording)),
      deleted: (d) => change((all) => all.delete((d as { id: string }).id)),
    }, (there) => (this.away.value = !there));
    let stop: () => void = () => undefined;
    const spoken = lang.subscribe(() => { // what failed is told in the reader's language
      stop();
      stop = start();
    });
    return () => {
      clearTimeout(timer);
      spoken();
      stop();
    };
  }

  // count asks how many moments are proposed for one, where that may have changed.
  count(r: Recording): void {
    const stands = `${r.state}-${r.ranking ?? 0}`;
    if (this.counted.get(r.id) === stands || (r.state !== "done" && !r.ranking)) return;
    this.counted.set(r.id, stands);
    api.proposals(r.id).then(
      (p) => p && (this.moments.value = { ...this.moments.peek(), [r.id]: p.moments.length }),
      () => this.counted.delete(r.id),
    );
  }
}

const gather = 40; // ms

// sittings groups recordings by their visits, the latest first.
export function sittings(all: Recording[]): Sitting[] {
  const by = new Map<string, Recording[]>();
  for (const r of all) by.set(r.visit, [...(by.get(r.visit) ?? []), r]);
  return [...by].map(([id, recordings]) => {
    recordings.sort((a, b) => a.submitted.localeCompare(b.submitted));
    return { id, began: recordings[0]!.submitted, recordings };
  }).sort((a, b) => b.began.localeCompare(a.began));
}

// dayOf is the day of an instant, where the reader is.
export function dayOf(iso: string | Date): string {
  const d = new Date(iso);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

export function days(all: Sitting[]): Day[] {
  const out: Day[] = [];
  for (const s of all) {
    const day = dayOf(s.began);
    if (out.at(-1)?.day !== day) out.push({ day, sittings: [] });
    out.at(-1)!.sittings.push(s);
  }
  return out;
}
