import { url } from "../api.ts";
import { go } from "../place.ts";

// showParent leaves the review for the parent's screen, which fills the whole one where
// the browser lets it: it does so only as an answer to a key or a tap.
export function showParent(visit: string): void {
  performance.clearMarks("dyade:asked");
  performance.mark("dyade:asked");
  fill();
  go(url.parent(visit));
}

export function fill(): void {
  document.documentElement.requestFullscreen?.({ navigationUI: "hide" }).catch(() => undefined);
}

export function leaveParent(visit: string): void {
  if (document.fullscreenElement) document.exitFullscreen().catch(() => undefined);
  go(url.review(visit));
}
