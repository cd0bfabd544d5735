import { computed, signal } from "@preact/signals";
import { defaultOptions, Upload, type DetailedError, type PreviousUpload } from "tus-js-client";
import { api, url } from "../api.ts";
import { Pace } from "../parts/pace.ts";
import { lang, t } from "../words/index.ts";
import { told } from "../words/told.ts";
import { dayOf } from "./shelf.ts";

// Films on their way to the server. They go on while the reader is at other pages; what
// a reload or a lost network cut short goes on where it was.

export type SendState = "queued" | "sending" | "lost" | "taking" | "done" | "failed" | "cut";

export interface Sending {
  id: string;
  visit: string;
  name: string;
  size: number;
  sent: number;
  state: SendState;
  why: string; // it failed
  recording: string; // that came of it
  twice: boolean; // the server had it already, in another visit
}

interface Kept {
  file: File | null; // none: it was cut short by a reload
  upload: Upload | null;
  before: PreviousUpload | null; // how far it came in an earlier page
  release?: () => void; // tells other tabs that it is not sent here any more
}

// addressOf is where the server has what has come of one.
const addressOf = (k: Kept): string | null => k.upload?.url ?? k.before?.uploadUrl ?? null;

const lockOf = (visit: string, name: string): string => `dyade.sending.${visit}.${name}`;

const chunk = 16 * 1024 * 1024;
const again = [500, 1000, 2000, 3000, 5000]; // ms until it is tried once more, and so on with the last

class Sendings {
  readonly all = signal<Sending[]>([]);
  readonly busy = computed(() => this.all.value.some((s) => s.state === "sending" || s.state === "queued" || s.state === "lost" || s.state === "taking"));
  readonly trouble = signal("");
  readonly pace = new Pace();
  private readonly kept = new Map<string, Kept>();

  constructor() {
    void this.cutShort();
    addEventListener("beforeunload", (e) => this.busy.peek() && e.preventDefault());
  }

  of(visit: string): Sending[] {
    return this.all.value.filter((s) => s.visit === visit && s.state !== "done");
  }

  // send takes in films for a visit; for a new one, where none is named.
  async send(files: File[], visit = ""): Promise<void> {
    this.trouble.value = "";
    const coming = (f: File): boolean => this.all.peek().some((s) => s.name === f.name && s.size === f.size && !["done", "failed", "cut"].includes(s.state));
    const good = files.filter((f) => isFilm(f) && f.size > 0 && !coming(f));
    const bad = files.filter((f) => !isFilm(f) || f.size === 0);
    this.trouble.value = bad.map((f) => t("film_do", f.name, t(f.size === 0 && isFilm(f) ? "send_empty" : "send_not_film"))).join(" ");
    if (good.length === 0) return;
    const before = await Promise.all(good.map(previous));
    const to = visit || before.find((b) => b)?.metadata["visit"] || (await this.newVisit());
    if (!to) return;
    good.forEach((file, i) => this.add(file, before[i]?.metadata["visit"] || to, before[i] ?? null));
    this.go();
  }

  private async newVisit(): Promise<string> {
    try {
      return (await api.newVisit(dayOf(new Date()))).id;
    } catch (e) {
      this.trouble.value = t("send_failed", told(e));
      return "";
    }
  }

  // resume goes on with one that was cut short, with its file chosen again.
  resume(id: string, file: File): void {
    const s = this.find(id);
    if (!s) return;
    const before = this.kept.get(id)?.before;
    if (before && (file.name !== s.name || file.size !== s.size)) void this.send([file], s.visit);
    else {
      this.kept.set(id, { file, upload: null, before: before ?? null });
      this.change(id, { state: "queued", why: "" });
      this.go();
    }
  }

  retry(id: string): void {
    this.change(id, { state: "queued", why: "" });
    this.go();
  }

  async cancel(id: string): Promise<void> {
    const k = this.kept.get(id);
    const at = k && addressOf(k);
    this.drop(id);
    await k?.upload?.abort();
    if (at) {
      for (const x of await defaultOptions.urlStorage.findAllUploads()) if (x.uploadUrl === at) await defaultOptions.urlStorage.removeUpload(x.urlStorageKey);
      await Upload.terminate(at, { retryDelays: [...again] }).catch(() => undefined); // else the server lets go of it after a week
    }
    this.go();
  }

  drop(id: string): void {
    this.kept.get(id)?.release?.();
    this.kept.delete(id);
    this.all.value = this.all.peek().filter((s) => s.id !== id);
  }

  private find(id: string): Sending | undefined {
    return this.all.peek().find((s) => s.id === id);
  }

  private change(id: string, to: Partial<Sending>): void {
    this.all.value = this.all.peek().map((s) => (s.id === id ? { ...s, ...to } : s));
  }

  private add(file: File, visit: string, before: PreviousUpload | null): void {
    // It goes on with what is there of it, which is no longer another's.
    const cut = before && [...this.kept].find(([, k]) => addressOf(k) === before.uploadUrl);
    if (cut) this.drop(cut[0]);
    const id = crypto.randomUUID();
    this.kept.set(id, { file, upload: null, before });
    this.all.value = [...this.all.peek(), { id, visit, name: file.name, size: file.size, sent: 0, state: "queued", why: "", recording: "", twice: false }];
  }

  // cutShort finds what an earlier page did not send to its end.
  private async cutShort(): Promise<void> {
    const elsewhere = new Set((await navigator.locks?.query())?.held?.map((l) => l.name));
    for (const before of await defaultOptions.urlStorage.findAllUploads()) {
      const visit = before.metadata["visit"];
      if (elsewhere.has(lockOf(visit ?? "", before.metadata["filename"] ?? ""))) continue;
      if (!visit || !before.uploadUrl || Date.now() - Date.parse(before.creationTime) > keptFor) {
        await defaultOptions.urlStorage.removeUpload(before.urlStorageKey);
        continue;
      }
      const id = before.urlStorageKey;
      if (this.all.peek().some((s) => this.kept.get(s.id)?.before?.urlStorageKey === id)) continue;
      this.kept.set(id, { file: null, upload: null, before });
      this.all.value = [...this.all.peek(), { id, visit, name: before.metadata["filename"] ?? "", size: before.size ?? 0, sent: 0, state: "cut", why: "", recording: "", twice: false }];
    }
  }

  // go sends the next: one at a time, so that the first is there soonest.
  private go(): void {
    const all = this.all.peek();
    if (all.some((s) => s.state === "sending" || s.state === "lost" || s.state === "taking")) return;
    const next = all.find((s) => s.state === "queued");
    const k = next && this.kept.get(next.id);
    if (!next || !k?.file) return;
    if (!k.upload) { // else it was tried before: it goes on where it was
      k.upload = this.upload(next, k.file);
      if (k.before) k.upload.resumeFromPreviousUpload(k.before);
    }
    this.change(next.id, { state: "sending" });
    // Other tabs are not to take it for one that was cut short.
    void navigator.locks?.request(lockOf(next.visit, next.name), () => new Promise<void>((over) => (k.release = over)));
    k.upload.start();
  }

  // look tells a file that is gone from a network that is: browsers do not.
  private async look(id: string, file: File): Promise<void> {
    try {
      await file.slice(0, 1).arrayBuffer();
    } catch {
      await this.kept.get(id)?.upload?.abort();
      this.fail(id, t("send_unreadable"));
    }
  }

  private fail(id: string, why: string): void {
    this.kept.get(id)?.release?.();
    this.change(id, { state: "failed", why });
    this.go();
  }

  // lookTwice finds out whether a film was there already: then it stays where it was.
  private async lookTwice(id: string, visit: string, recording: string): Promise<void> {
    const there = await api.visit(visit).catch(() => null);
    if (there && !there.recordings.some((r) => r.id === recording)) this.change(id, { twice: true });
  }

  private upload(s: Sending, file: File): Upload {
    let recording = "";
    return new Upload(file, {
      endpoint: new URL(url.uploads, location.href).href,
      metadata: { filename: file.name, visit: s.visit, queue: "interactive" },
      headers: { "Accept-Language": lang.peek() },
      chunkSize: chunk,
      retryDelays: [...again],
      removeFingerprintOnSuccess: true,
      onProgress: (sent, of) => this.change(s.id, { sent, state: sent >= of ? "taking" : "sending" }),
      onAfterResponse: (_, answer) => {
        recording = answer.getHeader("Dyade-Recording") || recording;
      },
      onShouldRetry: (e, attempt, options) => {
        const passes = passing((e as DetailedError).originalResponse?.getStatus() ?? 0);
        if (!passes) return false;
        // As long as the page is there: a film is large, and networks come back.
        if (attempt >= again.length - 1) options.retryDelays!.push(again.at(-1)!);
        this.change(s.id, { state: "lost" });
        void this.look(s.id, file);
        return true;
      },
      onSuccess: () => {
        this.kept.get(s.id)?.release?.();
        this.kept.delete(s.id);
        this.change(s.id, { state: "done", sent: s.size, recording });
        void this.lookTwice(s.id, s.visit, recording);
        this.go();
      },
      onError: (e) => this.fail(s.id, explain(e as DetailedError)),
    });
  }
}

const keptFor = 6.5 * 24 * 3600 * 1000; // ms: the server keeps an upload that nobody goes on with for a week

// passing tells whether what went wrong may go right by itself: no answer, or one that
// says that the server is busy or stops.
const passing = (status: number): boolean => [0, 408, 409, 423, 502, 503, 504].includes(status);

function explain(e: DetailedError): string {
  const answer = e.originalResponse ?? null;
  switch (answer?.getStatus()) {
    case undefined: return t("send_unreadable");
    case 401: case 403: return t("send_key");
    case 413: case 507: return t("send_room");
    case 429: return t("send_many");
  }
  try {
    return t("send_failed", (JSON.parse(answer!.getBody()) as { error: string }).error);
  } catch {
    return t("send_failed", answer!.getStatus());
  }
}

const films = /\.(mp4|m4v|mov|qt|mkv|webm|avi|wmv|asf|mts|m2ts|ts|mpe?g|vob|3gp|3g2|flv|ogv|mxf|dv)$/i;

export const accepted = "video/*,.mkv,.mts,.m2ts,.avi,.mxf,.vob,.dv";

const isFilm = (f: File): boolean => f.type.startsWith("video/") || films.test(f.name);

async function previous(file: File): Promise<PreviousUpload | null> {
  const all = await new Upload(file, { endpoint: new URL(url.uploads, location.href).href }).findPreviousUploads();
  return all.filter((u) => u.uploadUrl).sort((a, b) => Date.parse(b.creationTime) - Date.parse(a.creationTime))[0] ?? null;
}

let made: Sendings | null = null;

export const sendings = (): Sendings => (made ??= new Sendings());
