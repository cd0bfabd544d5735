// Dragging items of a list that runs from left to right, with a mouse, a pen or a
// finger. The one that is dragged follows; the others make room; nothing is moved in
// the page until it is let go.

interface Held {
  item: HTMLElement;
  pointer: number;
  x: number; // where it was taken
  scroll: number; // of the list then
  moving: boolean;
  from: number;
  to: number;
  others: { item: HTMLElement; left: number; width: number }[];
  step: number; // by which others make room
  frame: number;
  at: number; // the pointer, now
}

const least = 6; // px until it is a drag and not a click
const edge = 48; // px at the ends of the list that scroll it

// dragging has the items of a list be dragged; moved is told the item and its new place.
// A finger scrolls, except at what has the class grip.
export function dragging(list: HTMLElement, moved: (entity: string, place: number) => void): () => void {
  let held: Held | null = null;
  const items = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>(":scope > [data-entity]")];

  const down = (e: PointerEvent): void => {
    const on = e.target as HTMLElement;
    const item = on.closest<HTMLElement>("[data-entity]");
    const grip = on.closest(".grip") !== null;
    if (held || !item || e.button !== 0 || (e.pointerType === "touch" && !grip) || (!grip && on.closest(".tools"))) return;
    held = { item, pointer: e.pointerId, x: e.clientX, scroll: list.scrollLeft, moving: false, from: 0, to: 0, others: [], step: 0, frame: 0, at: e.clientX };
  };

  const begin = (h: Held): void => {
    const all = items();
    const gap = parseFloat(getComputedStyle(list).columnGap) || 0;
    h.moving = true;
    h.from = h.to = all.indexOf(h.item);
    h.step = h.item.offsetWidth + gap;
    h.others = all.map((item) => ({ item, left: item.offsetLeft, width: item.offsetWidth }));
    list.setPointerCapture(h.pointer);
    list.classList.add("dragging");
    h.item.classList.add("dragged");
    follow();
  };

  // follow draws where things are, and scrolls at the ends.
  const follow = (): void => {
    const h = held;
    if (!h?.moving) return;
    const box = list.getBoundingClientRect();
    if (h.at < box.left + edge) list.scrollLeft -= (box.left + edge - h.at) / 4;
    if (h.at > box.right - edge) list.scrollLeft += (h.at - box.right + edge) / 4;
    const by = h.at - h.x + list.scrollLeft - h.scroll;
    const own = h.others[h.from]!;
    const middle = own.left + own.width / 2 + by;
    h.to = h.others.filter((o, i) => i !== h.from && o.left + o.width / 2 < middle).length;
    h.others.forEach((o, i) => {
      if (i === h.from) o.item.style.transform = `translateX(${by}px)`;
      else if (i > h.from && i <= h.to) o.item.style.transform = `translateX(${-h.step}px)`;
      else if (i < h.from && i >= h.to) o.item.style.transform = `translateX(${h.step}px)`;
      else o.item.style.transform = "";
    });
    h.frame = requestAnimationFrame(follow);
  };

  const move = (e: PointerEvent): void => {
    if (!held || e.pointerId !== held.pointer) return;
    held.at = e.clientX;
    if (!held.moving && Math.abs(e.clientX - held.x) >= least) begin(held);
    if (held.moving) e.preventDefault();
  };

  const end = (drop: boolean): void => {
    const h = held;
    held = null;
    if (!h?.moving) return;
    cancelAnimationFrame(h.frame);
    list.classList.remove("dragging");
    h.item.classList.remove("dragged");
    for (const o of h.others) o.item.style.transform = "";
    // What was let go was not clicked.
    const swallow = (e: Event): void => {
      e.preventDefault();
      e.stopPropagation();
    };
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }));
    if (drop && h.to !== h.from) moved(h.item.dataset["entity"]!, h.to);
  };
  const up = (e: PointerEvent): void => {
    if (e.pointerId === held?.pointer) end(true);
  };
  const cancel = (e: PointerEvent): void => {
    if (e.pointerId === held?.pointer) end(false);
  };
  const key = (e: KeyboardEvent): void => {
    if (e.key === "Escape") end(false);
  };
  const still = (e: Event): void => e.preventDefault(); // pictures are not dragged by themselves

  list.addEventListener("pointerdown", down);
  list.addEventListener("dragstart", still);
  addEventListener("pointermove", move);
  addEventListener("pointerup", up);
  addEventListener("pointercancel", cancel);
  addEventListener("keydown", key);
  return () => {
    end(false);
    list.removeEventListener("pointerdown", down);
    list.removeEventListener("dragstart", still);
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", cancel);
    removeEventListener("keydown", key);
  };
}
