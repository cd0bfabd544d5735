import { signal } from "@preact/signals";

// Where the reader is: the page's own addresses.

export type Place =
  | { page: "home" }
  | { page: "label" }
  | { page: "review" | "parent" | "report"; visit: string }
  | { page: "missing" };

function read(path: string): Place {
  if (path === "/") return { page: "home" };
  if (path === "/label") return { page: "label" };
  const [, visit, page] = /^\/visits\/([^/]+)(?:\/(parent|report))?$/.exec(path) ?? [];
  if (!visit) return { page: "missing" };
  return { page: (page as "parent" | "report" | undefined) ?? "review", visit: decodeURIComponent(visit) };
}

export const place = signal<Place>(read(location.pathname));

let came = false; // here from another page of ours

export function go(path: string): void {
  if (path === location.pathname) return;
  history.pushState(null, "", path);
  came = true;
  place.value = read(path);
  scrollTo(0, 0);
}

// arrive gives the focus to what a page is about, once that is there: who reads by keys
// or by ear starts where the new page does.
export function arrive(): void {
  const content = document.getElementById("content");
  if (came && content?.getAttribute("aria-busy") !== "true") {
    came = false;
    content?.focus({ preventScroll: true });
  }
}

// follow makes links within the page change the place, without fetching it anew.
export function follow(): void {
  addEventListener("popstate", () => {
    came = true;
    place.value = read(location.pathname);
  });
  document.addEventListener("click", (e) => {
    const link = (e.target as Element | null)?.closest?.("a[href]") as HTMLAnchorElement | null;
    if (!link || e.defaultPrevented || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || link.target || link.hasAttribute("download")) return;
    if (link.origin !== location.origin || read(link.pathname).page === "missing" || link.hash) return;
    e.preventDefault();
    go(link.pathname);
  });
}
