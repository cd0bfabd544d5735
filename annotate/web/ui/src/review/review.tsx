import "./review.css";
import { useEffect, useMemo } from "preact/hooks";
import { listen } from "../keys.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Notices, Saved } from "../parts/notices.tsx";
import { Top } from "../parts/top.tsx";
import { ReelStrip } from "../reel/strip.tsx";
import { clock } from "../time.ts";
import { titled } from "../title.ts";
import type { Open } from "../visit.ts";
import { day, t } from "../words/index.ts";
import { Desk } from "./desk.ts";
import { Faces } from "./faces.tsx";
import { Lanes } from "./lanes/lanes.tsx";
import { List } from "./list.tsx";
import { People } from "./people.tsx";
import { Progress } from "./progress.tsx";
import { Stage, Transport } from "./stage.tsx";

// ReviewPage is where a practitioner goes from what is proposed to what is shown.
export function ReviewPage({ open }: { open: Open }) {
  const desk = useMemo(() => new Desk(open), [open]);
  useEffect(() => {
    const deaf = listen(desk.keys());
    const left = (): void => desk.remember();
    addEventListener("pagehide", left);
    return () => {
      removeEventListener("pagehide", left);
      deaf();
      desk.close();
    };
  }, [desk]);
  const { review } = open;
  titled(crumb(open));
  return (
    <>
      <Top crumb={crumb(open)}>
        <Progress open={open} />
        <Saved review={review} />
        <Button icon="undo" kind="quiet" action="undo" label={t("undo")} disabled={!desk.undoable} onClick={() => desk.undo()} />
        <Button icon="redo" kind="quiet" action="redo" label={t("redo")} disabled={review.redoable.value === 0} onClick={() => desk.redo()} />
      </Top>
      <Notices review={review} trouble={open.trouble.value} />
      <main id="content" class="review" tabIndex={-1} onClick={release}>
        <h1 class="aside">{crumb(open)}</h1>
        <div class="watch">
          <Films desk={desk} />
          <Stage player={desk.player} films={open}><Faces desk={desk} /></Stage>
          <Transport player={desk.player} back={{ action: "frameBack", go: () => desk.player.step(-1) }} on={{ action: "frameOn", go: () => desk.player.step(1) }}><Marks desk={desk} /></Transport>
          <Lanes desk={desk} />
        </div>
        <div class="side">
          <People desk={desk} />
          <List desk={desk} />
        </div>
        <ReelStrip open={open} current={desk.current.value?.segment?.entity} select={(entity) => desk.chooseSegment(entity)} />
      </main>
    </>
  );
}

// Marks has what plays repeated, and made a segment.
const Marks = ({ desk }: { desk: Desk }) => (
  <>
    <Button icon="repeat" action="loop" pressed={desk.looping.value} label={t("action_loop")} onClick={() => desk.loop()} />
    <span class="grow" />
    <span class="pair">
      <Button action="in" onClick={() => desk.mark("start")} disabled={!desk.ready()}>{t("start_here")}</Button>
      <Button action="out" onClick={() => desk.mark("end")} disabled={!desk.ready()}>{t("end_here")}</Button>
    </span>
    <Button icon="scissors" action="own" onClick={() => desk.own()} disabled={!desk.ready()}>{t("action_own")}</Button>
  </>
);

// release gives the keyboard back after a press of the mouse or a finger: the next space
// is to play, not to press the same button again. What reads the screen also clicks, and
// stays where it is.
export function release(e: MouseEvent): void {
  const on = e.target as Element;
  const by = (e as Partial<PointerEvent>).pointerType ?? (e.detail > 0 ? "mouse" : ""); // older browsers do not tell
  if (by !== "" && !on.closest("dialog")) on.closest<HTMLElement>("button, summary")?.blur();
}

function crumb(open: Open): string {
  const visit = open.visit.value;
  const names = open.recordings.value.map((r) => r.name);
  return visit ? [day(visit.day), names[0] ?? "", names.length > 1 ? t("films_more", names.length - 1) : ""].filter(Boolean).join(" · ") : "";
}

// Films lets one go between the films of a visit.
function Films({ desk }: { desk: Desk }) {
  const all = desk.open.recordings.value;
  if (all.length < 2) return null;
  return (
    <div class="film-row row" role="group" aria-label={t("films")}>
      {all.map((r, i) => (
        <button key={r.id} type="button" class="button of-film" aria-pressed={r.id === desk.player.recording.value} onClick={() => desk.film(r.id)}>
          <b>{i + 1}</b> <bdi class="name">{r.name}</bdi> {r.state === "failed" && <span class="failed" title={r.message}><Icon name="warning" /><span class="aside">{r.message}</span></span>} {r.recording && <span class="small numbers">{clock(r.recording.duration_s)}</span>}
        </button>
      ))}
    </div>
  );
}
