import { signal } from "@preact/signals";
import { lasting, read } from "../keeper.ts";

// The words of the keys 4 to 9, as a person has named them. They are this browser's: what
// a segment has is in its facts.

const keeper = "dyade.tags";
export const firstTag = 4;
export const lastTag = 9;

const words = signal(read<string[]>(lasting, keeper, []));

export const tagOf = (n: number): string => words.value[n - firstTag] ?? "";

export function nameTag(n: number, word: string): void {
  const next = Array.from({ length: lastTag - firstTag + 1 }, (_, i) => words.value[i] ?? "");
  next[n - firstTag] = word.trim();
  words.value = next;
  lasting.set(keeper, JSON.stringify(next));
}

export const numbers = Array.from({ length: lastTag - firstTag + 1 }, (_, i) => firstTag + i);
