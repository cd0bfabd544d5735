import { api } from "../api.ts";
import { t } from "../words/index.ts";

// A clip is made while it is given out, and a browser seeks in nothing that is without
// end or ranges. Handed over piece by piece, through a SourceBuffer, it is sought in as
// soon as the piece is there.

export const grows = (): boolean => "MediaSource" in window;

// grow hands what is at an address to an element, until all of it has come.
export async function grow(on: HTMLVideoElement, address: string, signal: AbortSignal, failed: (e: unknown) => void): Promise<void> {
  const answer = await api.media(address, signal);
  const media = new MediaSource();
  const place = URL.createObjectURL(media);
  on.src = place;
  await once(media, "sourceopen", signal);
  URL.revokeObjectURL(place);
  const pieces = answer.body!.getReader();
  let head: Uint8Array<ArrayBuffer> = new Uint8Array();
  for (let type = ""; !type; ) {
    const { value, done } = await pieces.read();
    if (done) throw new Error(t("clip_cut"));
    head = joined(head, value);
    type = contents(head);
    if (!type) continue;
    const into = media.addSourceBuffer(type);
    into.appendBuffer(head);
    await once(into, "updateend", signal);
    rest(media, into, pieces, signal).catch(failed);
  }
}

async function rest(media: MediaSource, into: SourceBuffer, pieces: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { value, done } = await pieces.read();
    if (done) break;
    into.appendBuffer(value);
    await once(into, "updateend", signal);
  }
  if (media.readyState === "open") media.endOfStream();
}

function joined(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

// contents names the codecs of an MP4 whose header is there; empty: not all of it is.
export function contents(head: Uint8Array): string {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const name = (at: number): string => String.fromCharCode(...head.subarray(at, at + 4));
  for (let at = 0; at + 8 <= head.length; ) {
    const size = view.getUint32(at);
    if (name(at + 4) === "moov") return at + size <= head.length ? codecs(head.subarray(at, at + size)) : "";
    if (size < 8) throw new Error(t("unplayable"));
    at += size;
  }
  return "";
}

function codecs(header: Uint8Array): string {
  const all: string[] = [];
  const text = new TextDecoder("latin1").decode(header);
  const picture = text.indexOf("avcC"); // after it: a version, then profile, constraints and level
  if (picture >= 0) all.push("avc1." + [...header.subarray(picture + 5, picture + 8)].map((b) => b.toString(16).padStart(2, "0")).join(""));
  if (text.includes("mp4a")) all.push("mp4a.40.2");
  return `video/mp4; codecs="${all.join(", ")}"`;
}

// once waits for an event; it fails where an error comes first, or where it is called off.
export function once(on: EventTarget, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const off = new AbortController();
    const end = (settle: () => void): void => {
      off.abort();
      settle();
    };
    signal.throwIfAborted();
    signal.addEventListener("abort", () => end(() => fail(signal.reason as Error)), { signal: off.signal });
    on.addEventListener(event, () => end(done), { signal: off.signal });
    on.addEventListener("error", () => end(() => fail(new Unplayable(on))), { signal: off.signal });
  });
}

// Unplayable is something that a browser's player cannot play; its cause is what that says
// of it, which is for no reader.
export class Unplayable extends Error {
  constructor(on: EventTarget) {
    super(t("unplayable"), { cause: (on as Partial<HTMLVideoElement>).error?.message });
  }
}
