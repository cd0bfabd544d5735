import "./show.css";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { named, presses, showKeys, shownKey, type ShowAction } from "../keys.ts";
import { Button } from "../parts/button.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { t, type Word } from "../words/index.ts";
import type { Show } from "./show.ts";

// Stage is where a show is seen: its films, with what is written on them or between them.
export function Stage({ show, children }: { show: Show; children?: ComponentChildren }) {
  const films = useRef<HTMLDivElement>(null);
  const veil = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    films.current!.append(show.films);
    veil.current!.append(show.veil);
    return () => {
      show.leave();
      show.films.remove();
      show.veil.remove();
    };
  }, [show]);
  const s = show.screen.value;
  return (
    <div class="show-stage">
      <div ref={films} aria-hidden="true" />
      {s?.kind === "card" && <div class="title-card"><p dir="auto">{s.text}</p></div>}
      {s?.kind === "film" && s.caption && <p class="said" dir="auto"><span>{s.caption}</span></p>}
      <div ref={veil} />
      {show.waiting.value && <div class="awaited" role="status"><span class="aside">{t("loading")}</span></div>}
      {show.broken.value && <div class="broken" role="alert"><Icon name="warning" /><p>{t("show_broken")}</p></div>}
      {children}
    </div>
  );
}

// Dots tell how far the show is: one for each scene.
export function Dots({ show }: { show: Show }) {
  const all = show.scenes.value;
  const now = show.index.value;
  if (all.length < 2) return null;
  return (
    <div class="show-dots" aria-hidden="true">
      {all.map((s, i) => (
        <i key={s.entity} class={s.kind === "card" ? "short" : ""}>
          <b style={{ width: `${i < now ? 100 : i > now ? 0 : show.through.value * 100}%` }} />
        </i>
      ))}
    </div>
  );
}

// Where says the same to who hears the page.
export function Where({ show }: { show: Show }) {
  const s = show.screen.value;
  if (!s) return null;
  const films = show.scenes.value.filter((x) => x.kind === "film");
  const nth = films.findIndex((x) => x.entity === s.entity) + 1;
  return <p class="aside" role="status">{s.kind === "card" ? s.text : `${t("show_at", nth, films.length)} ${s.caption}`}</p>;
}

type Does = Partial<Record<ShowAction, () => void>>;

// answer has keys do what they do to a show, and more where who shows it says so.
export function answer(show: Show, more: Does = {}): () => void {
  const all: Does = {
    show_play: () => show.toggle(), show_previous: () => show.previous(), show_next: () => show.next(), show_again: () => show.again(), show_slow: () => show.toggleSlow(), ...more,
  };
  const press = (e: KeyboardEvent): void => {
    const key = named(e);
    const does = (Object.keys(all) as ShowAction[]).find((a) => (showKeys[a] as string[]).includes(key));
    if (!does || presses(e) || e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
    all[does]!();
    e.preventDefault();
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}

interface Do {
  word: Word;
  icon: IconName;
  by: ShowAction;
  does: () => void;
  off?: boolean;
  pressed?: boolean;
  main?: boolean;
}

// Controls of a show: each one key, or one tap. In a dialog, the main one has the focus
// at first.
export function Controls({ show, focused = false }: { show: Show; focused?: boolean }) {
  const done = show.done.value;
  const goes = show.playing.value && !done;
  const toggle: Word = goes ? "show_pause" : done && show.last ? "show_restart" : done ? "show_next" : "show_play";
  const all: Do[] = [
    { word: "show_previous", icon: "skipBack", by: "show_previous", does: () => show.previous(), off: show.index.value === 0 },
    { word: "show_again", icon: "rotate", by: "show_again", does: () => show.again() },
    { word: toggle, icon: goes ? "pause" : done && show.last ? "repeat" : "play", by: "show_play", does: () => show.toggle(), main: true },
    { word: "show_slow", icon: "snail", by: "show_slow", does: () => show.toggleSlow(), pressed: show.slow.value },
    { word: "show_next", icon: "skipForward", by: "show_next", does: () => show.next(), off: show.last },
  ];
  return (
    <div class="show-controls" role="group" aria-label={t("show_controls")}>
      {all.map((d) => (
        <button key={d.by} type="button" class={`show-control ${d.main ? "main" : ""}`} onClick={d.does} disabled={d.off ?? false} autofocus={focused && (d.main ?? false)}
          aria-keyshortcuts={showKeys[d.by][0]!.trim() || "Space"} {...(d.pressed === undefined ? {} : { "aria-pressed": d.pressed })}>
          <Icon name={d.icon} /><span>{t(d.word)}</span><kbd aria-hidden="true" data-key={shownKey(showKeys[d.by][0]!)} />
        </button>
      ))}
    </div>
  );
}

// Rests says whether the show stops after each segment, to talk about it.
export const Rests = ({ show }: { show: Show }) => (
  <Button kind="quiet" icon="waits" pressed={show.rests.value} onClick={() => show.toggleRests()}>{t("show_rests")}</Button>
);

