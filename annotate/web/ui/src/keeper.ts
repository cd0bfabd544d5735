// What a browser keeps. Where it keeps nothing, since site data are blocked or there is no
// room, the page works all the same, and remembers while it is open.

export interface Keeper {
  keys(): string[];
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
}

export function keeper(storage: () => Storage): Keeper {
  const memory = new Map<string, string>(); // what is not kept
  const or = <T>(otherwise: T, does: () => T): T => {
    try {
      return does();
    } catch {
      return otherwise;
    }
  };
  return {
    keys: () => [...new Set([...memory.keys(), ...or([], () => Object.keys(storage()))])],
    get: (key) => memory.get(key) ?? or(null, () => storage().getItem(key)),
    set(key, value) {
      memory.set(key, value);
      or(null, () => {
        storage().setItem(key, value);
        memory.delete(key);
      });
    },
    remove(key) {
      memory.delete(key);
      or(null, () => storage().removeItem(key));
    },
  };
}

export const lasting = keeper(() => localStorage);
export const ofTab = keeper(() => sessionStorage);

// read is what was kept as JSON; otherwise, where it is not there or is damaged.
export function read<T>(from: Keeper, key: string, otherwise: T): T {
  try {
    return (JSON.parse(from.get(key) ?? "null") as T | null) ?? otherwise;
  } catch {
    return otherwise;
  }
}
