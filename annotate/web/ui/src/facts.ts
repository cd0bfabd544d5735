import type { Facts, Value } from "./api.ts";

export const facts = {
  get: (f: Facts, entity: string, field: string): Value => f[entity]?.[field] ?? null,

  // apply gives facts with changes done; a null takes a value away, and an entity
  // without values is not there.
  apply(f: Facts, changes: readonly { entity: string; field: string; to: Value }[]): Facts {
    if (changes.length === 0) return f;
    const next = { ...f };
    for (const c of changes) {
      const fields = { ...next[c.entity] };
      if (c.to === null) delete fields[c.field];
      else fields[c.field] = c.to;
      if (Object.keys(fields).length === 0) delete next[c.entity];
      else next[c.entity] = fields;
    }
    return next;
  },
};

// equal compares values as JSON has them, whatever the order of their keys.
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((v, i) => equal(v, b[i]!));
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) => k in b && equal(a[k]!, b[k]!));
}
