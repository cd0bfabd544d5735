import type { Change, Conflict, Edit, Facts, Value } from "./api.ts";
import { equal, facts } from "./facts.ts";

// Clash is an edit that met another's: both values, for a person to choose.
export interface Clash {
  edit: Edit;
  theirs: Conflict[];
}

const same = (a: { entity: string; field: string }, b: { entity: string; field: string }): boolean => a.entity === b.entity && a.field === b.field;

// met gives the clashes there are once an edit was refused. What goes on from what was
// refused before is one with that: a text that is written on, a segment that was made.
export function met(before: readonly Clash[], edit: Edit, theirs: Conflict[]): Clash[] {
  const all = before.filter((c) => c.edit.id !== edit.id); // it may come from an earlier page twice
  if (edit.kind !== "do") return [...all.filter((c) => c.edit.kind === "do"), { edit, theirs }]; // the same edit is next to be undone
  const first = all.find((c) => c.edit.kind === "do" && edit.changes!.every((x) => goesOn(c.edit.changes!, x)));
  if (!first) return [...all, { edit, theirs }];
  const one: Clash = {
    edit: { ...first.edit, changes: joined(first.edit.changes!, edit.changes!) },
    theirs: [...first.theirs.filter((c) => !theirs.some((x) => same(x, c))), ...theirs],
  };
  return all.map((c) => (c === first ? one : c));
}

const goesOn = (before: readonly Change[], x: Change): boolean =>
  before.some((c) => same(c, x) && equal(c.to, x.from)) || before.some((c) => c.entity === x.entity && c.field === "recording" && c.from === null);

const joined = (before: readonly Change[], later: readonly Change[]): Change[] => [
  ...before.map((c) => ({ ...c, to: (later.find((x) => same(x, c)) ?? c).to })),
  ...later.filter((x) => !before.some((c) => same(x, c))),
];

// without gives what is still to be sent once an edit was refused, and whether it was
// taken back before that. Its own undo, and redo, have nothing to do then; undos that
// follow a refused one would meet the same.
export function without(refused: Edit, rest: readonly Edit[]): { rest: Edit[]; undone: boolean } {
  if (refused.kind !== "do") {
    const next = rest.findIndex((e) => e.kind === "do");
    return { rest: next < 0 ? [] : rest.slice(next), undone: false };
  }
  let since = 0; // edits that an undo takes back before it
  let undone = false;
  let over = false; // nothing brings it back
  const left = rest.filter((e) => {
    if (since === 0 && !over && e.kind === (undone ? "redo" : "undo")) {
      undone = !undone;
      return false;
    }
    over ||= undone && e.kind === "do";
    since += e.kind === "undo" ? -1 : 1;
    return true;
  });
  return { rest: left, undone };
}

// Versions are what a person is shown of a clash.
export interface Versions {
  fields: { entity: string; field: string; mine?: Value; there: Value }[]; // mine: what they had set it to
  gone: boolean; // what they changed was removed
  texts: string[]; // that they wrote about it
  mine: boolean; // theirs can be put back
  both: boolean; // what both wrote can stand, one below the other
}

// versions are those that there are now, whatever there was when the edit was refused.
export function versions({ edit, theirs }: Clash, now: Facts): Versions {
  const all = edit.changes ?? [];
  const v: Versions = { fields: [], gone: false, texts: [], mine: true, both: false };
  const gone = new Set<string>();
  for (const c of theirs) {
    const there = facts.get(now, c.entity, c.field);
    const mine = all.find((x) => same(x, c));
    if (mine && equal(mine.to, there)) continue; // both want the same
    if (mine) v.fields.push({ entity: c.entity, field: c.field, mine: mine.to, there });
    else if (c.value === null && now[c.entity] === undefined) gone.add(c.entity);
    else if (c.value !== null || edit.kind !== "do") {
      v.fields.push({ entity: c.entity, field: c.field, there });
      v.mine &&= edit.kind !== "do" || all.every((x) => x.entity !== c.entity || x.to === null); // who removes it can remove that too
    }
  }
  v.fields = v.fields.filter((f) => !gone.has(f.entity));
  v.gone = gone.size > 0;
  v.texts = all.flatMap((c) => (gone.has(c.entity) && typeof c.to === "string" && texts.includes(c.field) ? [c.to] : []));
  v.mine &&= edit.kind !== "do" || !v.gone;
  v.both = v.mine && v.fields.some((f) => together(f.field, f.mine, f.there) !== null);
  return v;
}

// together is a text that says what both wrote; null: it is no text, or only one wrote.
function together(field: string, mine: Value | undefined, there: Value): string | null {
  return texts.includes(field) && typeof mine === "string" && typeof there === "string" && mine !== "" && there !== "" ? `${there}\n${mine}` : null;
}

// joint gives the edit that has both texts stand, and all else as it wanted.
export const joint = (edit: Edit, now: Facts): Edit => ({
  ...edit, changes: edit.changes!.map((c) => ({ ...c, to: together(c.field, c.to, facts.get(now, c.entity, c.field)) ?? c.to })),
});

const texts = ["seen", "question", "text"];
