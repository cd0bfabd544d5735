import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { listen } from "../keys.ts";
import { place } from "../place.ts";
import { setTheme, theme, type Theme } from "../theme.ts";
import { choose, lang, t } from "../words/index.ts";
import { Button } from "./button.tsx";
import { Help } from "./help.tsx";

const next: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };

// Top is the same on every page of the practitioner's: where they are, how it stands,
// and what holds everywhere.
export function Top({ crumb, children }: { crumb?: string; children?: ComponentChildren }) {
  const [helping, help] = useState(false);
  const other = lang.value === "fr" ? "en" : "fr";
  useEffect(() => listen({ help: () => help(true) }), []);
  return (
    <header class="top">
      <a class="button primary skip" href="#content" onClick={() => document.getElementById("content")?.focus()}>{t("skip")}</a>
      {place.value.page === "label" ? <span class="brand">dyade</span> : <a class="brand" href="/">dyade</a>}
      {crumb && <span class="crumb" dir="auto">{crumb}</span>}
      <span class="grow" />
      {children}
      <Button kind="quiet" label={other === "en" ? "EN, English" : "FR, français"} title={t("language")} lang={other} onClick={() => choose(other)}>{other.toUpperCase()}</Button>
      <Button kind="quiet" icon="moon" label={t("film_do", t("theme"), t(`theme_${theme.value}`))} onClick={() => setTheme(next[theme.value])} />
      <Button icon="help" kind="quiet" action="help" label={t("help")} id="help" onClick={() => help(true)} />
      {helping && <Help close={() => help(false)} />}
    </header>
  );
}
