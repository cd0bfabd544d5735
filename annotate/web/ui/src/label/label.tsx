import "../review/review.css";
import "./label.css";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api } from "../api.ts";
import { listen } from "../keys.ts";
import { Button } from "../parts/button.tsx";
import { useHeld } from "../parts/held.ts";
import { Icon } from "../parts/icon.tsx";
import { Top } from "../parts/top.tsx";
import { useWriting } from "../parts/writing.ts";
import { release } from "../review/review.tsx";
import { Stage, Transport } from "../review/stage.tsx";
import { tenths } from "../time.ts";
import { titled } from "../title.ts";
import { known, number, t } from "../words/index.ts";
import { told } from "../words/told.ts";
import { LabelDesk } from "./desk.ts";
import { tracks, type Mark, type Track, type TrackName } from "./sheet.ts";
import { Strips } from "./strips.tsx";

export const wordOf = (track: TrackName, label: string): string => known(track === "moments" ? `kind_${label}` : `${track}_${label}`, label);

const retry = 2000; // ms

// LabelPage is where a film is labelled by hand, blind to what dyade finds in it.
export function LabelPage() {
  const desk = useSignal<LabelDesk | null>(null);
  const trouble = useSignal("");
  useEffect(() => {
    let over = false;
    const open = async (): Promise<void> => {
      while (!over) {
        try {
          const doc = await api.labelled();
          trouble.value = "";
          if (!over) desk.value = new LabelDesk(doc);
          return;
        } catch (e) {
          trouble.value = told(e);
          await new Promise((done) => setTimeout(done, retry));
        }
      }
    };
    void open();
    return () => {
      over = true;
      desk.peek()?.close();
    };
  }, []);
  if (desk.value) return <Bench desk={desk.value} />;
  return <><Top /><main id="content" class="content" aria-busy="true"><p class="soft" role="status">{trouble.value ? t("failed", trouble.value) : t("loading")}</p></main></>;
}

function Bench({ desk }: { desk: LabelDesk }) {
  const { book, doc } = desk;
  const name = t("label_title", doc.film.name);
  titled(name);
  useEffect(() => {
    const deaf = listen(desk.keys());
    const left = (): void => desk.remember();
    addEventListener("pagehide", left);
    return () => {
      removeEventListener("pagehide", left);
      deaf();
    };
  }, [desk]);
  const step = (n: number): void => desk.tenths(n);
  return (
    <>
      <Top crumb={name}>
        <span class="state">{book.saved.value ? t("saved") : t("saving")}</span>
        <Button icon="undo" kind="quiet" action="undo" label={t("undo")} disabled={!book.undoable.value} onClick={() => book.undo()} />
        <Button icon="redo" kind="quiet" action="redo" label={t("redo")} disabled={!book.redoable.value} onClick={() => book.redo()} />
      </Top>
      <Told desk={desk} />
      <main id="content" class="review labelling" tabIndex={-1} onClick={release}>
        <h1 class="aside">{name}</h1>
        <div class="watch">
          <Stage player={desk.player} films={desk.shows} />
          <Transport player={desk.player} back={{ action: "tenthBack", go: () => step(-1) }} on={{ action: "tenthOn", go: () => step(1) }}>
            <span class="grow" />
            <span class="pair">
              <Button icon="skipBack" action="edgeBack" label={t("action_edgeBack")} onClick={() => desk.edge(-1)} />
              <Button icon="skipForward" action="edgeOn" label={t("action_edgeOn")} onClick={() => desk.edge(1)} />
            </span>
            <span class="pair" role="group" aria-label={t("label_edge")}>
              <span class="small edge-name" aria-hidden="true">{t("label_edge_is")}</span>
              <Button icon="minus" action="edgeEarlier" label={t("action_edgeEarlier")} disabled={desk.marks.value.length === 0} onClick={() => desk.nudge(-1)}>{number(0.1, 1)} s</Button>
              <Button icon="plus" action="edgeLater" label={t("action_edgeLater")} disabled={desk.marks.value.length === 0} onClick={() => desk.nudge(1)}>{number(0.1, 1)} s</Button>
            </span>
          </Transport>
          <Strips desk={desk} />
        </div>
        <div class="side">
          <States desk={desk} />
          <List desk={desk} />
        </div>
      </main>
    </>
  );
}

// Told says how what is done is kept, where that is not as it should be.
function Told({ desk: { book } }: { desk: LabelDesk }) {
  return (
    <div class="notices" aria-live="polite">
      {book.away.value && <div class="notice warn" role="status"><Icon name="warning" /><span class="grow">{t(book.away.value)}</span></div>}
      {book.refused.value && <div class="notice bad" role="alert"><Icon name="warning" /><span class="grow">{t("label_unkept", book.refused.value)}</span></div>}
      {book.clash.value && (
        <div class="notice warn" role="alertdialog" aria-label={t("label_clash")}>
          <Icon name="warning" /><strong class="grow">{t("label_clash")}</strong>
          <Button onClick={() => void book.settle(true)}>{t("label_mine")}</Button>
          <Button kind="primary" onClick={() => void book.settle(false)}>{t("label_theirs")}</Button>
        </div>
      )}
    </div>
  );
}

// States are the tracks, and what can be said on the one that is chosen.
function States({ desk }: { desk: LabelDesk }) {
  const track = desk.track.value;
  const holding = desk.marks.value.filter((m) => m.start_s <= desk.here.value && (m.on ? desk.here.value <= m.end_s : desk.here.value < m.end_s));
  const missing = desk.by.value.trim() === "";
  return (
    <section class="panel states">
      <label class="by">{t("label_by")}
        <input value={desk.by.value} maxLength={80} placeholder={t("label_by_as")} aria-describedby={missing ? "by-missing" : undefined}
          onInput={(e) => (desk.by.value = e.currentTarget.value.replace(/\s+/g, " "))} onChange={() => desk.remember()} onKeyDown={(e) => e.key === "Enter" && e.currentTarget.blur()} />
        {missing && <small id="by-missing">{t("label_by_missing")}</small>}
      </label>
      <div class="tracks" role="group" aria-label={t("label_tracks")}>
        {tracks.map((x) => <button key={x.name} type="button" class="button" aria-pressed={x === track} onClick={() => desk.choose(x)}>{t(`track_${x.name}`)}</button>)}
      </div>
      <div class="words" role="group" aria-label={t(track.apart ? "label_states" : "label_states_own")}>
        <p class="small">{t(track.apart ? "label_states" : "label_states_own")}</p>
        {track.words.map((word, i) => (
          <Button key={word} class={`word ${colorOf(track.name, word)}`} action={`state${i + 1}` as "state1"} pressed={holding.some((m) => m.label === word)} onClick={() => desk.state(i + 1)}>{wordOf(track.name, word)}</Button>
        ))}
        <Button class="word" action="state0" onClick={() => desk.state(0)}>{t("label_stop")}</Button>
      </div>
      <p class="aside" aria-live="polite">{desk.player.pace.value === 0 && t("label_now", t(`track_${track.name}`), holding.map((m) => wordOf(track.name, m.label)).join(", ") || t("label_nothing"))}</p>
    </section>
  );
}

// colorOf names the colour of a word.
export function colorOf(track: TrackName, word: string): string {
  if (word === "unknown") return "of-unknown";
  if (track === "moments") return "of-moment";
  const colors: Record<string, string> = {
    mutual: "of-accent", child_faces_parent: "of-child", parent_faces_child: "of-parent", parent_faces_camera: "of-moment",
    touch: "of-accent", close: "of-moment", parent: "of-parent", child: "of-child",
  };
  return colors[word] ?? "of-other";
}

// List is what is labelled on the track, in order of time.
function List({ desk }: { desk: LabelDesk }) {
  const track = desk.track.value;
  const all = desk.marks.value;
  const now = desk.current.value;
  const list = useHeld<HTMLUListElement>("li", "button");
  useEffect(() => {
    const row = list.current?.querySelector<HTMLElement>("[aria-current]");
    if (row && list.current && desk.player.pace.peek() === 0) list.current.scrollTop = row.offsetTop - list.current.clientHeight / 2;
  }, [now?.start_s, now?.label, track]);
  return (
    <section class="panel list labels" aria-label={t("label_list", t(`track_${track.name}`))}>
      <header><h2>{t("label_list", t(`track_${track.name}`))}</h2></header>
      <Note key={`${track.name} ${now?.label} ${now?.start_s}`} desk={desk} track={track} mark={now} />
      {all.length === 0 ? <p class="nothing small">{t("label_none")}</p> : (
        <ul class="scroll" ref={list}>
          {all.map((m) => (
            <li key={`${m.label} ${m.start_s}`}>
              <button type="button" class="pick-label" aria-current={m === now ? "true" : undefined} onClick={() => desk.pick(track, m)}>
                <span class={`dot ${colorOf(track.name, m.label)}`} aria-hidden="true" />
                <span class="grow">{wordOf(track.name, m.label)}{m.note && <small class="noted"> · <bdi>{m.note}</bdi></small>}</span>
                <span class="numbers small">{tenths(m.start_s)} – {m.on ? t("label_on") : tenths(m.end_s)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <footer class="small">
        <p>{t("label_blind")}</p>
        <details><summary>{t("label_files", desk.doc.dir)}</summary><ul>{desk.doc.files.map((f) => <li key={f}><bdi>{f}</bdi></li>)}</ul></details>
      </footer>
    </section>
  );
}

// Note is the note of the label that holds now.
function Note({ desk, track, mark }: { desk: LabelDesk; track: Track; mark: Mark | null }) {
  const writing = useWriting(mark?.note ?? "", () => desk.write(track, mark!));
  const at = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!desk.writing.value) return;
    desk.writing.value = false;
    at.current?.focus();
  }, [desk.writing.value]);
  if (!mark) return <p class="note-of small">{t("label_note_none")}</p>;
  return (
    <div class="note-of">
      <label>{t("label_note_of", wordOf(track.name, mark.label), tenths(mark.start_s))}
        <input ref={at} value={writing.text} maxLength={500} placeholder={t("label_note_as")} onInput={(e) => writing.write(e.currentTarget.value)} onBlur={writing.keep}
          onKeyDown={(e) => (e.key === "Enter" || e.key === "Escape") && e.currentTarget.blur()} />
      </label>
      <div class="row">
        <Button action="in" onClick={() => desk.bound("start_s")}>{t("start_here")}</Button>
        <Button action="out" onClick={() => desk.bound("end_s")}>{t("end_here")}</Button>
        <Button icon="trash" action="wipe" kind="danger" onClick={() => desk.wipe()}>{t("remove")}</Button>
      </div>
    </div>
  );
}
