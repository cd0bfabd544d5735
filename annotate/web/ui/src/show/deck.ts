import { key, type FilmScene, type Source } from "./scenes.ts";

// Deck is one of two players: while one shows a scene, the other has the next one's
// first picture ready, so that cuts do not flash.
export class Deck {
  readonly video = document.createElement("video");
  scene: FilmScene | null = null;
  zero = 0; // the film's time at the player's zero
  seekable = false;
  private ready: Promise<void> | null = null; // at the first picture, not played yet
  private attempt = new AbortController();

  constructor() {
    this.video.playsInline = true;
    this.video.preload = "metadata"; // with more, a browser keeps a connection for one that waits
    this.video.tabIndex = -1;
    this.video.disablePictureInPicture = true;
    this.video.disableRemotePlayback = true;
  }

  // holds tells whether a scene's first picture is there, or on its way.
  holds(scene: FilmScene): boolean {
    return this.ready !== null && this.scene !== null && key(this.scene) === key(scene);
  }

  // cue has a scene's first picture ready.
  cue(scene: FilmScene): Promise<void> {
    if (this.ready && this.holds(scene)) {
      this.scene = scene;
      return this.ready;
    }
    this.attempt.abort();
    const mine = (this.attempt = new AbortController());
    this.video.pause();
    this.scene = scene;
    const ready = this.seek(scene, mine.signal);
    this.ready = ready;
    ready.catch(() => {
      if (this.ready === ready) this.ready = null;
    });
    return ready;
  }

  // used says that it is no longer at the first picture.
  used(): void {
    this.ready = null;
  }

  // at is the time of the film that it is at.
  get at(): number {
    return this.zero + this.video.currentTime;
  }

  empty(): void {
    this.attempt.abort();
    this.ready = this.scene = null;
    this.video.removeAttribute("src");
    this.video.load();
  }

  private async seek(scene: FilmScene, stop: AbortSignal): Promise<void> {
    let why: unknown = new Error("nothing shows it");
    for (const source of scene.sources) {
      try {
        await open(this.video, source, scene.seek, stop);
        this.zero = source.zero;
        this.seekable = source.seekable;
        return;
      } catch (e) {
        if (stop.aborted) throw e;
        why = e;
      }
    }
    throw why;
  }
}

// open has a player show the picture at a time of the film. What cannot be sought in
// begins with it.
function open(video: HTMLVideoElement, source: Source, at: number, stop: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    const over = new AbortController();
    const when = (name: string, then: () => void): void => video.addEventListener(name, then, { signal: over.signal });
    const end = (then: () => void): void => {
      over.abort();
      then();
    };
    const seek = (): void => {
      if (source.seekable) video.currentTime = at - source.zero;
    };
    const look = (): void => {
      if (!video.seeking && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) end(done);
    };
    stop.addEventListener("abort", () => end(() => failed(new Error("something else is to be shown"))), { signal: over.signal });
    when("error", () => end(() => failed(new Error(video.error?.message || "it cannot be played"))));
    for (const name of ["seeked", "loadeddata", "canplay"]) when(name, look);
    const same = video.src === new URL(source.src, location.href).href && video.readyState >= HTMLMediaElement.HAVE_METADATA && !video.error;
    if (same && source.seekable) {
      seek();
      return;
    }
    when("loadedmetadata", seek);
    video.preload = source.seekable ? "metadata" : "auto";
    video.src = source.src;
  });
}
