import { useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { url } from "../api.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { precise } from "../time.ts";
import { number, t, type Word } from "../words/index.ts";
import type { Action } from "../keys.ts";
import type { Films, Player } from "./player.ts";
import { speeds } from "./timed.ts";

// Stage is the picture, and what lies over it.
export function Stage({ player: p, films, children }: { player: Player; films: Films; children?: ComponentChildren }) {
  const at = useRef<HTMLDivElement>(null);
  const front = p.front.value.element;
  useLayoutEffect(() => {
    const videos = p.elements;
    at.current!.prepend(...videos);
    return () => videos.forEach((v) => v.remove());
  }, [p]);
  useLayoutEffect(() => {
    for (const v of p.elements) v.classList.toggle("front", v === front);
  }, [front]);
  const recording = films.recording(p.recording.value);
  const video = recording?.recording?.video;
  return (
    <div class="screen" aria-busy={p.wish.value !== null} data-source={p.kind.value} onClick={() => p.toggle()}>
      <div class="frame" ref={at} style={{ "--shape": String(video ? video.width / video.height : 16 / 9) }}>
        <Still player={p} films={films} />
        {recording?.recording && !video && <p class="sound"><Icon name="volume" />{t("sound_only")}</p>}
        {children}
        {p.waiting.value && <p class="wait" role="status"><span class="spin" aria-hidden="true" />{t("picture_coming")}</p>}
        {p.trouble.value && <p class="wait bad" role="alert"><Icon name="warning" />{t("picture_failed", p.trouble.value)}</p>}
      </div>
    </div>
  );
}

// Still stands in for a frame that takes time to come, where a clip is to be made first:
// films and copies are sooner sought in than a still is made. While many are wanted, one
// after the other, each is shown that has come; one at a time is asked for, as browsers
// go on with what nobody wants any more.
function Still({ player: p, films }: { player: Player; films: Films }) {
  const wanted = useComputed(() => {
    const wish = p.wish.value;
    if (!wish || !(p.waiting.value || wish.light)) return "";
    const r = films.recording(wish.recording);
    return r && p.kind.value !== "clip" && (r.playable || r.copy === "whole") ? "" : url.thumbnail(wish.recording, Math.floor(wish.s * 4) / 4, 640);
  });
  const src = useSignal("");
  const coming = useSignal(false);
  const there = useSignal(false);
  const ask = (): void => {
    const next = wanted.peek();
    if (coming.peek() || next === src.peek()) return;
    [src.value, coming.value] = [next, next !== ""];
  };
  useEffect(() => wanted.subscribe((next) => {
    if (next === "") there.value = false;
    ask();
  }), [wanted]);
  const come = (good: boolean): void => {
    coming.value = false;
    there.value = wanted.peek() !== "" && (good || there.peek());
    ask();
  };
  return src.value ? <img class={there.value ? "still" : "still coming"} src={src.value} alt="" onLoad={() => come(true)} onError={() => come(false)} /> : null;
}

// Step is a button beside the one that plays.
export interface Step {
  action: Action;
  go: () => void;
}

// Transport moves through time, and has more buttons behind.
export function Transport({ player: p, back, on, children }: { player: Player; back: Step; on: Step; children?: ComponentChildren }) {
  const time = useComputed(() => precise(p.now.value));
  const moving = p.pace.value !== 0;
  return (
    <div class="transport" role="group" aria-label={t("transport")}>
      <Button icon={moving ? "pause" : "play"} kind="primary" action="play" label={t(moving ? "action_pause" : "action_play")} onClick={() => p.toggle()} />
      <span class="pair">
        <Button icon="chevronLeft" action={back.action} label={t(`action_${back.action}` as Word)} onClick={back.go} />
        <Button icon="chevronRight" action={on.action} label={t(`action_${on.action}` as Word)} onClick={on.go} />
      </span>
      <time class="clock" aria-label={t("playhead")}>{time}</time>
      <label class="speed">
        <span class="aside">{t("speed")}</span>
        <select value={String(p.speed.value)} onChange={(e) => p.setSpeed(Number(e.currentTarget.value))}>
          {speeds.map((x) => <option key={x} value={String(x)}>{number(x, x % 1 === 0 ? 0 : x * 2 % 1 === 0 ? 1 : 2)}×</option>)}
        </select>
      </label>
      {moving && p.pace.value !== p.speed.value && <span class="pace" role="status">{p.pace.value < 0 ? "◀" : "▶"} {number(Math.abs(p.pace.value))}×</span>}
      {children}
    </div>
  );
}
