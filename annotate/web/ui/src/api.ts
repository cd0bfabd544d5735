import type { Instant } from "./time.ts";

// What the server gives and takes, as openapi.yaml has it. This is the page's only way
// to it.

export type Kind = "face_to_face" | "joint_attention" | "turn_taking" | "bid_response" | "approach" | "shared_engagement" | "reunion";
export type Role = "parent" | "child" | "other" | "picture" | "unknown";
// Roles that a person can say.
export const sayable = ["parent", "child", "other", "picture"] as const;
export type RecordingState = "working" | "done" | "failed" | "cancelled";

export interface Recording {
  id: string;
  visit: string;
  name: string;
  state: RecordingState;
  message?: string; // why it failed, in the reader's language
  submitted: string;
  recording?: { duration_s: number; video: { width: number; height: number } | null; audio: object | null }; // once it is known
  steps_done: number;
  steps: number;
  playable?: boolean; // as it came, by any browser
  copy?: "none" | "making" | "whole";
  ranking?: number; // of the last pass that proposed moments
  files?: string[];
}

export interface Evidence {
  cue: string;
  start_s: number;
  end_s: number;
  value: number;
  unit: string;
}

export interface Moment {
  id: string;
  kind: Kind;
  start_s: number;
  end_s: number;
  start: Instant;
  end: Instant;
  score: number;
  confidence: number;
  unknown: number;
  people: string[];
  evidence: Evidence[];
  why?: string; // in the reader's language
  blind?: string; // how much of it could not be seen or heard, likewise
}

export interface Person {
  id: string;
  role: Role;
  role_confidence: number;
}

export interface Utterance {
  start: Instant;
  end: Instant;
  speaker: number;
  voice: "adult" | "child" | "unknown" | "background" | "vocal";
  confidence: number;
}

// Proposals are the moments of an analysis, done or under way.
export interface Proposals {
  final: boolean;
  moments: Moment[];
  people?: Person[];
  speech?: Utterance[];
  quality?: { code: string; share: number; text?: string }[]; // the most useful first
  unclear?: Unclear; // nothing that is clear is proposed
}

// Unclear is why an analysis proposes nothing that is clear, in the reader's language.
export interface Unclear {
  title: string;
  because: string[];
  next: string;
}

export interface Signals {
  time_s: number[];
  series: Record<string, (number | null)[]>;
}

export interface Visit {
  id: string;
  day: string;
  recordings: Recording[];
}

export type Value = string | number | boolean | null | { [key: string]: Value } | Value[];

export interface Change {
  entity: string;
  field: string;
  from: Value;
  to: Value;
}

export interface Edit {
  id: string;
  by: string;
  kind: "do" | "undo" | "redo";
  changes?: Change[];
  force?: boolean;
}

export interface Edited {
  place: number;
  changes: Change[];
  undo: number;
  redo: number;
}

export interface Conflict {
  entity: string;
  field: string;
  value: Value;
}

export type Facts = Record<string, Record<string, Value>>;

export interface ReviewDocument {
  place: number;
  mark: string; // names that place, of this journal
  facts: Facts;
  undo: number;
  redo: number;
}

export interface ReelState {
  state: "none" | "waiting" | "rendering" | "done" | "failed";
  done: number; // seconds of it
  of: number;
  seconds_left?: number;
  film: boolean; // one was rendered; while another is, it is still there
  current: boolean; // it is what the review says now
  message?: string; // why it failed, or what the film lacks, in the reader's language
}

// Label is what a person writes down of a stretch of a film; seconds of it.
export interface Label {
  start_s: number;
  end_s: number;
  label: string;
  note?: string;
  by?: string;
}

// Labelled is a film and its labels, by track.
export interface Labelled {
  film: Recording;
  by: string; // who labels; empty: they say so here
  dir: string;
  files: string[];
  labels: Record<string, Label[]>;
  mark: string; // of these labels
}

// Refused is what the server refused, and why.
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly conflicts: Conflict[] = [],
  ) {
    super(message);
  }
}

let language = "fr";
export const speak = (lang: string): void => {
  language = lang;
};

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(path, { ...init, headers: { "Accept-Language": language, ...init.headers } });
  if (answer.ok) return answer;
  const said = (await answer.json().catch(() => ({}))) as { error?: string; conflicts?: Conflict[] };
  throw new Refused(answer.status, said.error ?? answer.statusText, said.conflicts);
}

const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => (await (await ask(path, signal ? { signal } : {})).json()) as T;

// send asks for a change; one that lasts is made even where the page is closed meanwhile.
const send = (method: string, path: string, body?: unknown, lasts = false): Promise<Response> =>
  ask(path, body === undefined ? { method } : { method, keepalive: lasts, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

const recording = (id: string, rest = ""): string => `/api/recordings/${encodeURIComponent(id)}${rest}`;
const visit = (id: string, rest = ""): string => `/api/visits/${encodeURIComponent(id)}${rest}`;
const ms = (s: number): number => Math.max(0, Math.round(s * 1000));

// orNothing gives null where there is no such thing (yet).
async function orNothing<T>(wanted: Promise<T>): Promise<T | null> {
  try {
    return await wanted;
  } catch (e) {
    if (e instanceof Refused && e.status === 404) return null;
    throw e;
  }
}

// patiently asks again where the server has no time for it now.
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await ask();
    } catch (e) {
      if (!(e instanceof Refused) || e.status !== 503 || n === tries) throw e;
      await new Promise((done) => setTimeout(done, n * busy));
    }
  }
}

const tries = 5;
const busy = 1000; // ms until it is asked again, longer each time

export const api = {
  recordings: async () => (await get<{ recordings: Recording[] }>("/api/recordings")).recordings,
  cancel: (id: string) => send("POST", recording(id, "/cancel")),
  retry: (id: string) => send("POST", recording(id, "/retry")),
  remove: (id: string) => send("DELETE", recording(id)),
  newVisit: async (day: string) => (await (await send("POST", "/api/visits", { day })).json()) as { id: string },
  move: (id: string, to: string) => send("PUT", recording(id, "/visit"), { visit: to }),
  visit: (id: string) => get<Visit>(visit(id)),
  proposals: (id: string) => orNothing(get<Proposals>(recording(id, `/proposals?lang=${language}`))),
  signals: (id: string, names: readonly string[], fromS?: number, toS?: number) =>
    orNothing(patiently(() => get<Signals>(recording(id, `/signals?names=${names.join(",")}${fromS === undefined ? "" : `&from_s=${fromS}&to_s=${toS}`}`)))),
  frames: (id: string) => orNothing(patiently(() => ask(recording(id, "/frames"))).then(async (a) => new Uint8Array(await a.arrayBuffer()))),
  waveform: (id: string) => orNothing(patiently(() => ask(recording(id, "/waveform"))).then((a) => a.arrayBuffer())),
  review: (id: string, by: string) => get<ReviewDocument>(visit(id, `/review?by=${by}`)),
  edit: async (id: string, edit: Edit) => (await (await send("POST", visit(id, "/edits"), edit, true)).json()) as Edited,
  reel: (id: string) => get<ReelState>(visit(id, "/reel")),
  render: async (id: string) => (await (await send("POST", visit(id, "/reel"), { lang: language })).json()) as ReelState,
  stopRender: (id: string) => send("DELETE", visit(id, "/reel")),
  labelled: () => get<Labelled>("/api/label"),
  keepLabels: async (mark: string, labels: Record<string, Label[]>) => (await (await send("PUT", "/api/label/labels", { mark, labels })).json()) as { mark: string },
  media: (address: string, signal: AbortSignal) => ask(address, { signal }),
  there: (address: string) => fetch(address, { method: "HEAD" }).then((a) => a.ok, () => false),
};

// Addresses of what the browser fetches by itself.
export const url = {
  original: (id: string) => recording(id, "/original"),
  copy: (id: string, whole = false) => recording(id, whole ? "/copy?whole" : "/copy"),
  clip: (id: string, fromS: number, toS: number) => recording(id, `/clip?from_ms=${ms(fromS)}&to_ms=${ms(toS)}`),
  thumbnail: (id: string, s: number, width: number) => recording(id, `/thumbnail?at_ms=${ms(s)}&width=${width}`),
  file: (id: string, name: string) => recording(id, `/files/${encodeURIComponent(name)}`),
  events: (lang: string) => `/api/events?lang=${lang}`,
  visitEvents: (id: string, after: string) => visit(id, `/events?after=${encodeURIComponent(after)}&lang=${language}`),
  uploads: "/api/uploads/",
  film: (id: string) => visit(id, "/reel/film"),
  provenance: (id: string) => visit(id, "/reel/provenance"),
  export: (id: string, form: string) => visit(id, `/export/${form}?lang=${language}`),
  review: (id: string) => `/visits/${encodeURIComponent(id)}`,
  parent: (id: string) => `/visits/${encodeURIComponent(id)}/parent`,
  report: (id: string) => `/visits/${encodeURIComponent(id)}/report`,
};
