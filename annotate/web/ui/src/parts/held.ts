import { useLayoutEffect, useRef } from "preact/hooks";

// useHeld keeps the focus in a list: on what has it, where that is drawn at another place
// (a browser takes it from what is moved), and where that is gone, on the face of the item
// that stands there now.
export function useHeld<T extends HTMLElement>(item: string, face: string): { current: T | null } {
  const at = useRef<T>(null);
  const items = (): Element[] => [...(at.current?.querySelectorAll(item) ?? [])];
  const on = document.activeElement as HTMLElement | null;
  const held = at.current?.contains(on) ? on : null;
  const place = held ? items().findIndex((i) => i.contains(held)) : -1;
  useLayoutEffect(() => {
    if (!held || document.activeElement !== document.body) return;
    const all = items();
    const next = held.isConnected ? held : (all[Math.min(place, all.length - 1)] ?? at.current!).querySelector<HTMLElement>(face);
    next?.focus({ preventScroll: true });
  });
  return at;
}
