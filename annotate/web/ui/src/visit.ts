import { computed, signal } from "@preact/signals";
import { api, Refused, url, type Facts, type Moment, type Proposals, type Recording, type Visit } from "./api.ts";
import { why, type Review } from "./edits.ts";
import { even, Frames, read } from "./frames.ts";
import { hear } from "./hear.ts";
import { decision, durationS, views, type Decision, type Verdict } from "./model.ts";
import { outbox } from "./outbox.ts";
import { lang } from "./words/index.ts";
import { told } from "./words/told.ts";

const again = 2000; // ms until what was not answered is asked again

// Proposal is a moment of one of the visit's recordings, with what was decided on it.
export interface Proposal {
  recording: string;
  moment: Moment;
  verdict: Verdict;
  decision: Decision | null; // that gave it: on this moment, or on one like it
}

// Open is a visit that the page is at: its films, what their analyses propose, and the
// review. Each part is fetched once, and again when the server says that it changed.
export class Open {
  readonly visit = signal<Visit | null>(null);
  readonly proposed = signal<Record<string, Proposals>>({}); // by recording
  readonly films = signal<Record<string, Frames>>({});
  readonly review: Review;
  readonly trouble = computed(() => Object.values(this.failing.value)[0] ?? "");
  readonly gone = computed(() => this.review.gone.value);
  readonly views;
  readonly recordings = computed<Recording[]>(() => this.visit.value?.recordings ?? []);
  readonly proposals = computed<Proposal[]>(() => proposals(this.recordings.value, this.proposed.value, this.review.facts.value));

  private readonly failing = signal<Record<string, string>>({}); // why, by recording
  private readonly asked = new Map<string, string>(); // what was fetched of each recording
  private readonly stops: (() => void)[] = [];
  private closed = false;

  constructor(readonly id: string) {
    this.review = outbox.review(id);
    this.views = views(this.review);
  }

  // open asks until it is answered: a server that starts again is not one that says no.
  async open(): Promise<void> {
    while (!this.closed && !this.gone.peek()) {
      const visit = api.visit(this.id);
      const both = await Promise.allSettled([visit, this.review.open()]);
      const failed = both.find((x) => x.status === "rejected");
      if (!failed) return this.begin(await visit);
      if (this.gone.peek()) return;
      this.review.away.value = why(failed.reason);
      await new Promise((done) => setTimeout(done, again));
    }
  }

  private begin(visit: Visit): void {
    if (this.closed) return;
    this.visit.value = visit;
    for (const r of visit.recordings) void this.fetch(r);
    this.listen();
    let spoken = lang.peek();
    this.stops.push(lang.subscribe((l) => {
      if (l === spoken) return;
      spoken = l;
      this.asked.clear(); // reasons are told in the reader's language
      for (const r of this.recordings.peek()) void this.fetch(r);
    }));
  }

  close(): void {
    this.closed = true;
    this.review.close();
    for (const stop of this.stops) stop();
  }

  // atClose has something end with the visit.
  atClose(stop: () => void): void {
    this.stops.push(stop);
  }

  recording(id: string): Recording | undefined {
    return this.recordings.value.find((r) => r.id === id);
  }

  // lengthS is how long a film is; 0: nobody knows yet.
  lengthS(id: string): number {
    const r = this.recording(id);
    return (r && durationS(r)) || this.films.value[id]?.endS || 0;
  }

  // frames of a recording; while they are not known, ten a second.
  frames(id: string): Frames {
    const r = this.recording(id);
    return this.films.value[id] ?? even(r ? durationS(r) : 0);
  }

  // look asks which films there are now. What is heard of one is newer than what it is
  // told of here.
  private async look(): Promise<void> {
    const now = await api.visit(this.id).catch(() => null); // it is asked again with the next connection
    const known = new Map(this.recordings.peek().map((r) => [r.id, r]));
    if (!now || this.closed) return;
    this.visit.value = { ...now, recordings: now.recordings.map((r) => known.get(r.id) ?? r) };
    for (const r of now.recordings) void this.fetch(r);
  }

  private listen(): void {
    this.stops.push(hear(() => url.events(lang.peek()), {
      reset: () => void this.look(), // what was deleted meanwhile is not told
      recording: (r) => this.heard(r as Recording),
      deleted: (d) => {
        const v = this.visit.peek();
        const { id } = d as { id: string };
        if (v?.recordings.some((r) => r.id === id)) this.visit.value = { ...v, recordings: v.recordings.filter((r) => r.id !== id) };
      },
    }));
  }

  private heard(r: Recording): void {
    const v = this.visit.peek();
    if (!v) return;
    const known = v.recordings.some((x) => x.id === r.id);
    if (r.visit !== v.id) {
      if (known) this.visit.value = { ...v, recordings: v.recordings.filter((x) => x.id !== r.id) };
      return;
    }
    this.visit.value = { ...v, recordings: known ? v.recordings.map((x) => (x.id === r.id ? r : x)) : [...v.recordings, r] };
    void this.fetch(r);
  }

  // fetch asks for what of a recording is new.
  private async fetch(r: Recording): Promise<void> {
    const stands = `${r.state}-${r.ranking ?? 0}`;
    if (this.asked.get(r.id) === stands) return;
    this.asked.set(r.id, stands);
    try {
      await Promise.all([this.fetchProposals(r.id), this.fetchFrames(r.id)]);
      this.fails(r.id, "");
    } catch (e) {
      this.asked.delete(r.id);
      this.fails(r.id, e instanceof Refused ? told(e) : ""); // that the server is away is said already
      setTimeout(() => {
        const now = this.recordings.peek().find((x) => x.id === r.id);
        if (now && !this.closed) void this.fetch(now);
      }, again);
    }
  }

  private fails(id: string, why: string): void {
    const { [id]: _, ...others } = this.failing.peek();
    this.failing.value = why ? { ...others, [id]: why } : others;
  }

  private async fetchProposals(id: string): Promise<void> {
    const p = await api.proposals(id);
    if (p) this.proposed.value = { ...this.proposed.peek(), [id]: p };
  }

  // fetchFrames asks when the pictures are shown; it never changes. A film without any
  // has no such list.
  private async fetchFrames(id: string): Promise<void> {
    if (this.films.peek()[id]) return;
    const list = await api.frames(id);
    if (list) this.films.value = { ...this.films.peek(), [id]: read(list) };
  }
}

// proposals of all recordings: best first, those of the first film before equal ones.
function proposals(recordings: Recording[], proposed: Record<string, Proposals>, f: Facts): Proposal[] {
  const all = recordings.flatMap((r) => (proposed[r.id]?.moments ?? []).map((moment, rank) => ({ recording: r.id, moment, rank })));
  all.sort((a, b) => a.rank - b.rank);
  return all.map(({ recording, moment }) => {
    const on = decision(f, recording, moment);
    return { recording, moment, verdict: on?.verdict ?? "", decision: on };
  });
}
