import "./parent.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { answer, Controls, Dots, Rests, Stage, Where } from "../show/stage.tsx";
import { showOf } from "../show/show.ts";
import { titled } from "../title.ts";
import type { Open } from "../visit.ts";
import { t } from "../words/index.ts";
import { fill, leaveParent } from "./go.ts";

// Parent is what a parent sees: the moments, large, and nothing that judges.
export function Parent({ open }: { open: Open }) {
  const show = showOf(open);
  const leave = (): void => leaveParent(open.id);
  titled(t("action_parent"));
  useEffect(() => show.begin(), [show]);
  useEffect(() => answer(show, { show_leave: leave, show_full: toggleFull }), [show]);
  useEffect(() => leavesFull(leave), []);
  useEffect(staysLit, []);
  const { at, awake } = useAwake(show.playing.value && !show.done.value);
  if (show.scenes.value.length === 0) return <Empty leave={leave} />;
  return (
    <main id="content" ref={at} class={awake ? "parent-screen" : "parent-screen asleep"} tabIndex={-1} aria-label={t("action_parent")}>
      <Stage show={show}>
        <div class="sight" onClick={(e) => awake || (e as unknown as PointerEvent).pointerType !== "touch" ? show.toggle() : undefined} />
        {show.blocked.value && <button type="button" class="start" onClick={() => show.play()}><Icon name="play" /><span>{t("show_begin")}</span></button>}
      </Stage>
      <Where show={show} />
      <div class="over head">
        <Dots show={show} />
        <div class="corner">
          {document.fullscreenEnabled && <Button kind="quiet" icon="maximize" label={t("show_full")} onClick={toggleFull} />}
          <Button kind="quiet" icon="x" onClick={leave} aria-keyshortcuts="Escape">{t("show_leave")}</Button>
        </div>
      </div>
      <div class="over foot"><Controls show={show} /><div class="rests"><Rests show={show} /></div></div>
    </main>
  );
}

const Empty = ({ leave }: { leave: () => void }) => (
  <main id="content" class="parent-screen nothing" tabIndex={-1}>
    <h1>{t("show_empty")}</h1>
    <Button kind="primary" onClick={leave}>{t("show_leave")}</Button>
  </main>
);

let giving = false; // the whole screen back, and staying

function toggleFull(): void {
  if (!document.fullscreenElement) return fill();
  giving = true;
  document.exitFullscreen().catch(() => (giving = false));
}

// staysLit keeps the screen from going dark while people talk about what they saw.
function staysLit(): () => void {
  let lock: WakeLockSentinel | null = null;
  let over = false;
  const ask = async (): Promise<void> => {
    lock = document.hidden ? null : await navigator.wakeLock?.request("screen").catch(() => null) ?? null;
    if (over) void lock?.release();
  };
  void ask();
  document.addEventListener("visibilitychange", ask);
  return () => {
    over = true;
    document.removeEventListener("visibilitychange", ask);
    void lock?.release();
  };
}

// leavesFull leaves when the whole screen is given back: the browser keeps the Escape
// that did it for itself.
function leavesFull(leave: () => void): () => void {
  const changed = (): void => {
    if (!document.fullscreenElement && !giving) leave();
    giving = false;
  };
  document.addEventListener("fullscreenchange", changed);
  return () => document.removeEventListener("fullscreenchange", changed);
}

const calm = 3000; // ms without a movement, until what covers the film goes

// useAwake tells whether a person is at the controls.
function useAwake(playing: boolean) {
  const at = useRef<HTMLElement>(null);
  const [awake, set] = useState(true);
  useEffect(() => {
    let timer = 0;
    const sleep = (): void => {
      const held = at.current?.querySelector(".over :focus-visible");
      if (playing && !held) set(false);
    };
    const wake = (): void => {
      set(true);
      clearTimeout(timer);
      timer = window.setTimeout(sleep, calm);
    };
    wake();
    // After the click that a tap makes, which only wakes what sleeps.
    const tapped = (): number => window.setTimeout(wake);
    const events = { pointermove: wake, pointerup: tapped, focusin: wake, keydown: wake };
    for (const [name, does] of Object.entries(events)) document.addEventListener(name, does as () => void);
    return () => {
      clearTimeout(timer);
      for (const [name, does] of Object.entries(events)) document.removeEventListener(name, does as () => void);
    };
  }, [playing]);
  return { at, awake: awake || !playing };
}
