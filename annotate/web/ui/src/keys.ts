import { signal } from "@preact/signals";
import { lasting, read } from "./keeper.ts";
import { t } from "./words/index.ts";

// What keys do. Each action has a key of its own that a person may change; the help
// shows them all.

export type Action =
  | "play" | "back" | "pause" | "forward" // J K L and space
  | "frameBack" | "frameOn" | "secondBack" | "secondOn"
  | "momentBack" | "momentOn"
  | "in" | "out" | "own" | "keep" | "drop" | "note"
  | "tag1" | "tag2" | "tag3" | "tag4" | "tag5" | "tag6" | "tag7" | "tag8" | "tag9"
  | "undo" | "redo" | "loop" | "slower" | "faster" | "zoomIn" | "zoomOut" | "parent" | "help"
  | Labelling;

// Labelling is what is done where a film is labelled.
type Labelling =
  | "tenthBack" | "tenthOn" | "pictureBack" | "pictureOn" | "trackBack" | "trackOn" | "edgeBack" | "edgeOn" | "edgeEarlier" | "edgeLater" | "wipe"
  | "state0" | "state1" | "state2" | "state3" | "state4" | "state5" | "state6" | "state7" | "state8" | "state9";

// Keys are written as KeyboardEvent.key has them, letters small, with Shift+ before
// where shift alone changes nothing of the key.
const usual: Record<Action, string> = {
  play: " ", back: "j", pause: "k", forward: "l",
  frameBack: "ArrowLeft", frameOn: "ArrowRight", secondBack: "Shift+ArrowLeft", secondOn: "Shift+ArrowRight",
  momentBack: "ArrowUp", momentOn: "ArrowDown",
  in: "i", out: "o", own: "s", keep: "a", drop: "x", note: "n",
  tag1: "1", tag2: "2", tag3: "3", tag4: "4", tag5: "5", tag6: "6", tag7: "7", tag8: "8", tag9: "9",
  undo: "z", redo: "Shift+z", loop: "b", slower: "-", faster: "+", zoomIn: ".", zoomOut: ",", parent: "p", help: "?",
  tenthBack: "ArrowLeft", tenthOn: "ArrowRight", pictureBack: "d", pictureOn: "f", trackBack: "ArrowUp", trackOn: "ArrowDown",
  edgeBack: "e", edgeOn: "r", edgeEarlier: "g", edgeLater: "h", wipe: "x",
  state0: "0", state1: "1", state2: "2", state3: "3", state4: "4", state5: "5", state6: "6", state7: "7", state8: "8", state9: "9",
};

// What is heard on one page alone: the same key does another thing on the other.
const labels = /^(tenth|picture|track|edge|wipe|state)/;
const reviews = /^(frame|moment|own|keep|drop|tag|loop|parent)/;
const together = (a: Action, b: Action): boolean => !(labels.test(a) && reviews.test(b)) && !(reviews.test(a) && labels.test(b));

export const actions = Object.keys(usual) as Action[];

const keeper = "dyade.keys";

const changed = signal(read<Partial<Record<Action, string>>>(lasting, keeper, {}));

export const keyOf = (a: Action): string => changed.value[a] ?? usual[a];

// named is the key of an event as it is written here.
export function named(e: KeyboardEvent): string {
  const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
  const matters = e.shiftKey && (e.key.length > 1 || /^\p{L}$/u.test(e.key));
  return matters ? `Shift+${key}` : key;
}

// remap gives an action a key; the action that had it gets this one's.
export function remap(a: Action, key: string): void {
  const before = keyOf(a);
  const other = actions.find((x) => x !== a && keyOf(x) === key && together(x, a));
  const next = { ...changed.value, [a]: key, ...(other ? { [other]: before } : {}) };
  for (const x of actions) if (next[x] === usual[x]) delete next[x];
  changed.value = next;
  lasting.set(keeper, JSON.stringify(next));
}

export function remapNone(): void {
  changed.value = {};
  lasting.remove(keeper);
}

// Keys that are the same for everybody. What is shown is gone through as presentations are,
// also by what is held in the hand.
export const showKeys = {
  show_play: [" ", "k"], show_previous: ["ArrowLeft", "PageUp"], show_next: ["ArrowRight", "PageDown", "n"],
  show_again: ["ArrowUp", "r"], show_slow: ["ArrowDown", "s"], show_full: ["f"], show_leave: ["Escape"],
} satisfies Record<string, string[]>;
export type ShowAction = keyof typeof showKeys;
export const otherKeys = { reel_shift: ["Alt+ArrowLeft", "Alt+ArrowRight"], escape_does: ["Escape"] };

const glyphs: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", PageUp: "Page ↑", PageDown: "Page ↓", "Shift+": "⇧ ", "Alt+": "Alt " };

// shownKey is a key as people read it.
export function shownKey(key: string): string {
  let out = key === " " ? t("space") : key === "Escape" ? t("escape") : key;
  for (const [from, to] of Object.entries(glyphs)) out = out.replace(from, to);
  return out.length === 1 ? out.toUpperCase() : out.replace(/ \p{Ll}$/u, (c) => c.toUpperCase());
}

// typing tells whether keys are for what has the focus.
function typing(e: KeyboardEvent): boolean {
  const on = e.target as HTMLElement | null;
  if (!on || e.ctrlKey || e.metaKey || e.altKey) return true;
  if (document.querySelector("dialog[open]")) return true; // it is before all else
  if (on.matches("input:not([type=range],[type=checkbox],[type=radio]), textarea, select, [contenteditable]")) return true;
  return on.matches("input, [role=slider], [role=option]") && e.key.startsWith("Arrow");
}

// presses space on a control that it belongs to.
export const presses = (e: KeyboardEvent): boolean => e.key === " " && (e.target as HTMLElement).matches("button, summary, input, a, [role=button]");

// listen calls what keys do, until the function that it gives is called.
export function listen(what: Partial<Record<Action, (e: KeyboardEvent) => void>>): () => void {
  const heard = (e: KeyboardEvent): void => {
    if (e.defaultPrevented || typing(e) || presses(e)) return;
    const by = (key: string | undefined): Action | undefined => actions.find((a) => what[a] && keyOf(a) === key);
    // On keyboards as the French one, digits are written with shift: the key alone is meant too.
    const digit = e.shiftKey ? undefined : /^Digit([0-9])$/.exec(e.code)?.[1];
    const action = by(named(e)) ?? (digit && by(digit));
    if (!action) return;
    e.preventDefault();
    what[action]!(e);
  };
  document.addEventListener("keydown", heard);
  return () => document.removeEventListener("keydown", heard);
}
