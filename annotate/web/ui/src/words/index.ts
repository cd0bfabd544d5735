import { signal } from "@preact/signals";
import { speak } from "../api.ts";
import { lasting } from "../keeper.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";

export type Word = keyof typeof fr;
export type Lang = "fr" | "en";

const keeper = "dyade.lang";

// In French no line breaks before a sign that stands apart, nor within guillemets.
const bound = (text: string): string => text.replace(/ ([:;?!%»])/g, "\u00a0$1").replace(/« /g, "«\u00a0");

const dictionaries: Record<Lang, Record<Word, string>> = { fr, en };

const first = (): Lang => {
  const said = new URLSearchParams(location.search).get("lang") ?? lasting.get(keeper) ?? document.documentElement.lang;
  return said === "en" ? "en" : "fr";
};

export const lang = signal<Lang>("fr");

// choose changes the language, and keeps it.
export function choose(l: Lang): void {
  speak(l); // before anybody hears of it, and asks the server anew
  lang.value = l;
  document.documentElement.lang = l;
  lasting.set(keeper, l);
}

export const start = (): void => choose(first());

// t is a text in the reader's language.
export function t(word: Word, ...values: (string | number)[]): string {
  const said = dictionaries[lang.value][word].replace(/\{(\d)\}/g, (_, i: string) => {
    const v = values[Number(i)];
    return typeof v === "number" ? number(v) : (v ?? "");
  });
  return lang.value === "fr" ? bound(said) : said;
}

// count says how many: a word_one and a word_more say it for one, and for none or more.
export function count(word: string, n: number): string {
  const one = lang.value === "fr" ? n < 2 : n === 1;
  return t(`${word}_${one ? "one" : "more"}` as Word, n);
}

// known gives the text of a word that is put together, or what is said where there is none.
export const known = (word: string, otherwise: string): string => (word in fr ? t(word as Word) : otherwise);

export const number = (n: number, digits = 0, least = digits): string =>
  new Intl.NumberFormat(lang.value, { minimumFractionDigits: least, maximumFractionDigits: digits }).format(n);

export const day = (iso: string): string =>
  new Intl.DateTimeFormat(lang.value, { dateStyle: "long" }).format(new Date(iso.length === 10 ? iso + "T12:00:00" : iso));

// clockTime is the time of a day: 14:05.
export const clockTime = (iso: string): string => new Intl.DateTimeFormat(lang.value, { timeStyle: "short" }).format(new Date(iso));

// size of a file.
export function size(bytes: number): string {
  const unit = bytes >= 1e9 ? "gigabyte" : bytes >= 1e6 ? "megabyte" : "kilobyte";
  const n = bytes / (bytes >= 1e9 ? 1e9 : bytes >= 1e6 ? 1e6 : 1e3);
  return new Intl.NumberFormat(lang.value, { style: "unit", unit, maximumFractionDigits: n < 10 ? 1 : 0 }).format(n);
}

// about is how long something will still take, no more exact than that is known.
export function about(s: number): string {
  if (s < 55) return `${Math.max(5, Math.ceil(s / 5) * 5)} s`;
  if (s < 3600) return `${Math.max(1, Math.round(s / 60))} min`;
  return `${Math.floor(s / 3600)} h ${String(Math.round((s % 3600) / 60)).padStart(2, "0")}`;
}

export const time = (iso: string): string =>
  new Intl.DateTimeFormat(lang.value, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

// lengthOf says how long something takes: 4,5 s, 45 s, 1 min 24.
export function lengthOf(s: number): string {
  const whole = Math.round(s);
  if (s < 9.95) return `${number(s, 1, 0)} s`;
  if (whole < 60) return `${whole} s`;
  const h = Math.floor(whole / 3600);
  const m = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, "0");
  return h > 0 ? `${h} h ${String(m).padStart(2, "0")}` : `${m} min ${rest}`;
}
