import { signal } from "@preact/signals";
import { speak } from "../api.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";

export type Word = keyof typeof fr;
export type Lang = "fr" | "en";

const keeper = "dyade.lang";
const dictionaries: Record<Lang, Record<Word, string>> = { fr, en };

const first = (): Lang => {
  const said = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem(keeper) ?? document.documentElement.lang;
  return said === "en" ? "en" : "fr";
};

export const lang = signal<Lang>("fr");

// choose changes the language, and keeps it.
export function choose(l: Lang): void {
  lang.value = l;
  speak(l);
  document.documentElement.lang = l;
  localStorage.setItem(keeper, l);
}

export const start = (): void => choose(first());

// t is a text in the reader's language.
export function t(word: Word, ...values: (string | number)[]): string {
  return dictionaries[lang.value][word].replace(/\{(\d)\}/g, (_, i: string) => {
    const v = values[Number(i)];
    return typeof v === "number" ? number(v) : (v ?? "");
  });
}

// known gives the text of a word that is put together, or what is said where there is none.
export const known = (word: string, otherwise: string): string => (word in fr ? t(word as Word) : otherwise);

export const number = (n: number, digits = 0): string =>
  new Intl.NumberFormat(lang.value, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(n);

export const day = (iso: string): string =>
  new Intl.DateTimeFormat(lang.value, { dateStyle: "long" }).format(new Date(iso.length === 10 ? iso + "T12:00:00" : iso));

export const time = (iso: string): string =>
  new Intl.DateTimeFormat(lang.value, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

// lengthOf says how long something takes: 45 s, 1 min 24.
export function lengthOf(s: number): string {
  const whole = Math.round(s);
  if (whole < 60) return `${whole} s`;
  const h = Math.floor(whole / 3600);
  const m = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, "0");
  return h > 0 ? `${h} h ${String(m).padStart(2, "0")}` : `${m} min ${rest}`;
}
