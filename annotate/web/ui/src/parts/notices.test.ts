import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "../api.ts";
import { lang } from "../words/index.ts";
import { shown } from "./notices.tsx";

const base = { num: 1, den: 1000 };

test("values are shown in people's words", () => {
  const values: [string, Value, string, string][] = [
    ["seen", "Elle rit", "«\u00a0Elle rit\u00a0»", "“Elle rit”"],
    ["seen", null, "rien", "nothing"],
    ["start", { ticks: 61_500, base }, "01:01,500", "01:01.500"],
    ["objective", "sensitivity", "Sensibilité", "Sensitivity"],
    ["verdict", "dropped", "Écarté", "Dropped"],
    ["role", "child", "Enfant", "Child"],
    ["caption", true, "oui", "yes"],
    ["evened", false, "non", "no"],
    ["seconds", 4.5, "4,5 s", "4.5 s"],
    ["slow", { start: { ticks: 0, base }, end: { ticks: 2000, base }, rate: 0.25 }, "Ralenti de 00:00,000 à 00:02,000, 0,25×", "Slow from 00:00.000 to 00:02.000, 0.25×"],
    ["freeze", { at: { ticks: 0, base }, seconds: 3 }, "Figé à 00:00,000, 3 s", "Frozen at 00:00.000, 3 s"],
    ["moment", { id: "m", kind: "reunion", start_s: 1, end_s: 2 }, "Retrouvailles", "Reunion"],
  ];
  for (const [field, v, fr, en] of values) {
    lang.value = "fr";
    assert.equal(shown(field, v), fr);
    lang.value = "en";
    assert.equal(shown(field, v), en);
  }
});
