import type { Change, Edit, Facts } from "./api.ts";
import { equal, facts } from "./facts.ts";

// What a browser's undo and redo will change is foreseen where this page knows what they
// take back: so it is seen at once, and what is done next starts from there. The server
// has the last word.

// Taken is what an edit changed; null: another page did it, and nobody here knows.
type Taken = readonly Change[] | null;

// Stacks are the edits of a browser that can be undone and redone, the next last.
export interface Stacks {
  readonly undo: readonly Taken[];
  readonly redo: readonly Taken[];
}

type Turn = Pick<Edit, "kind"> & { changes?: readonly Change[] | undefined };

// unknown are stacks of so many edits.
export const unknown = (undo: number, redo: number): Stacks => ({ undo: Array<Taken>(undo).fill(null), redo: Array<Taken>(redo).fill(null) });

// counted are stacks that have as many as the server says; else nothing is known of them.
export const counted = (s: Stacks, undo: number, redo: number): Stacks => (s.undo.length === undo && s.redo.length === redo ? s : unknown(undo, redo));

// turn gives stacks after an edit. What an undo or a redo changes is foreseen, unless it
// is told.
export function turn({ undo, redo }: Stacks, e: Turn): Stacks {
  switch (e.kind) {
    case "do": return { undo: [...undo, e.changes ?? []], redo: [] };
    case "undo": return { undo: undo.slice(0, -1), redo: [...redo, e.changes ?? back(undo.at(-1))] };
    case "redo": return { undo: [...undo, e.changes ?? back(redo.at(-1))], redo: redo.slice(0, -1) };
  }
}

const back = (changes: Taken | undefined): Taken => changes?.map((c) => ({ ...c, from: c.to, to: c.from })).reverse() ?? null;

// ahead is what there will be once all that is pending is done.
export function ahead(f: Facts, stacks: Stacks, pending: readonly Edit[]): { facts: Facts; stacks: Stacks } {
  for (const e of pending) {
    stacks = turn(stacks, e);
    f = facts.apply(f, (e.kind === "undo" ? stacks.redo : stacks.undo).at(-1) ?? []);
  }
  return { facts: f, stacks };
}

// rebased has edits that were begun before an undo was answered start from what it left.
export function rebased(edits: readonly Edit[], undone: readonly Change[]): Edit[] {
  const left = new Map(undone.map((c) => [`${c.entity} ${c.field}`, c]));
  return edits.map((e) => !e.changes ? e : {
    ...e,
    changes: e.changes.map((c) => {
      const key = `${c.entity} ${c.field}`;
      const was = left.get(key);
      left.delete(key); // later ones start from this one
      return was && equal(c.from, was.from) ? { ...c, from: was.to } : c;
    }),
  });
}
