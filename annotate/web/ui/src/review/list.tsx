import { Component, type ComponentChildren, type VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { url, type Moment, type Unclear as Why } from "../api.ts";
import { Button } from "../parts/button.tsx";
import { useHeld } from "../parts/held.ts";
import { Icon } from "../parts/icon.tsx";
import { Thumb } from "../parts/thumb.tsx";
import { clock } from "../time.ts";
import { known, number, t, lang } from "../words/index.ts";
import type { Desk } from "./desk.ts";
import { Editor, Tags } from "./editor.tsx";
import { endS, startS, type Entry } from "./entries.ts";

// List is what is proposed, best first, and what a person has made themselves.
export function List({ desk }: { desk: Desk }) {
  const { open } = desk;
  const current = desk.current.value?.key ?? "";
  const listed = desk.listed.value;
  const dropped = desk.dropped.value;
  const own = listed.filter((e) => !e.proposal);
  const proposed = listed.filter((e) => e.proposal);
  const many = open.recordings.value.length > 1;
  const most = useMost(listed.length, listed.findIndex((e) => e.key === current));
  const stop = listed.some((e) => e.key === current) || (desk.droppedShown.value && dropped.some((e) => e.key === current)) ? current : listed[0]?.key;
  const films = new Map(open.recordings.value.map((r, i) => [r.id, many ? t("film_n", i + 1) : ""]));
  const cards = (all: Entry[]): VNode[] => all.map((e) => <Line key={e.key} desk={desk} entry={e} current={e.key === current} stop={e.key === stop} film={films.get(e.recording) ?? ""} lang={lang.value} />);
  const group = (word: "own_segments" | "proposed"): VNode => <li key={word} class="group"><h3>{t(word)}</h3></li>;
  // All are of one list: a card that comes to another group is the same card.
  const lines = cards(proposed.slice(0, Math.max(0, most - own.length)));
  if (own.length > 0) lines.unshift(group("own_segments"), ...cards(own), ...(lines.length > 0 ? [group("proposed")] : []));
  const unclear = open.proposed.value[desk.player.recording.value]?.unclear;
  const at = useHeld<HTMLElement>(".moment", ".pick, .dropped > .button");
  return (
    <section ref={at} class="panel list" aria-labelledby="list-title">
      <header>
        <h2 id="list-title">{t("moments")}</h2>
        <small>{proposed.length > 0 ? t("moments_order", proposed.length + dropped.length) : ""}</small>
      </header>
      <div class="scroll">
        <ol>{lines}</ol>
        {unclear ? <Unclear why={unclear} /> : proposed.length + dropped.length === 0 && <Nothing desk={desk} />}
        <Limits desk={desk} />
        {dropped.length > 0 && (
          <div class="dropped">
            <button type="button" class="button quiet" aria-expanded={desk.droppedShown.value} onClick={() => (desk.droppedShown.value = !desk.droppedShown.value)}>
              <Icon name={desk.droppedShown.value ? "chevronDown" : "chevronRight"} />{t("dropped", dropped.length)}
            </button>
            {desk.droppedShown.value && <ol>{cards(dropped)}</ol>}
          </div>
        )}
      </div>
    </section>
  );
}

// useMost has hundreds of cards drawn over some frames, so that none is late: as many as
// a list shows at once, then more until all are there. One that is wanted is.
function useMost(all: number, wanted: number): number {
  const [most, more] = useState(some);
  useEffect(() => {
    if (most >= all) return;
    const soon = requestAnimationFrame(() => more(Math.max(most, wanted) + some));
    return () => cancelAnimationFrame(soon);
  }, [most, all]);
  return Math.max(most, wanted + 1);
}

const some = 20;

// Nothing says why there is nothing to decide yet.
function Nothing({ desk }: { desk: Desk }) {
  const all = desk.open.recordings.value;
  const failed = all.find((r) => r.message)?.message;
  const why = all.some((r) => r.state === "working") ? t("moments_soon") : (failed ?? t("moments_none"));
  return (
    <div class="nothing soft">
      <p>{why}</p>
      <p>{t("moments_mark")}</p>
    </div>
  );
}

// Unclear says why nothing that is clear is proposed of the film on the screen, and what
// can still be done.
function Unclear({ why }: { why: Why }) {
  return (
    <div class="nothing unclear soft">
      <p>{why.title}</p>
      <ul>{why.because.map((reason) => <li key={reason}>{reason}</li>)}</ul>
      <p>{why.next}</p>
      <p>{t("moments_mark")}</p>
    </div>
  );
}

// Limits are what to film otherwise and what kept the analysis from seeing or hearing
// more: the first in a line, the others folded below it.
function Limits({ desk }: { desk: Desk }) {
  const [first, ...others] = desk.open.proposed.value[desk.player.recording.value]?.quality?.filter((q) => q.text) ?? [];
  if (!first) return null;
  const line = <><Icon name="warning" /><span>{first.text}{others.length > 0 && <> <span class="more">{t("limits_more", others.length)}</span></>}</span></>;
  if (others.length === 0) return <p class="limits">{line}</p>;
  return (
    <details class="limits" key={desk.player.recording.value}>
      <summary>{line}</summary>
      <ul>{others.map((q) => <li key={q.code}>{q.text}</li>)}</ul>
    </details>
  );
}

interface LineProps {
  desk: Desk;
  entry: Entry;
  current: boolean;
  stop: boolean; // where Tab comes to: arrows lead to the others
  film: string; // which of several it is of
  lang: string;
}

// Line is drawn again only where something of it has changed: there may be hundreds.
class Line extends Component<LineProps> {
  override shouldComponentUpdate(next: LineProps): boolean {
    const [a, b] = [this.props.entry, next.entry];
    const same = a.segment === b.segment && a.proposal?.moment === b.proposal?.moment && a.proposal?.verdict === b.proposal?.verdict;
    return !same || this.props.current !== next.current || this.props.stop !== next.stop || this.props.film !== next.film || this.props.lang !== next.lang;
  }

  override render({ desk, entry, current, stop, film }: LineProps): ComponentChildren {
    return <Card desk={desk} entry={entry} current={current} stop={stop} film={film} />;
  }
}

function Card({ desk, entry, current, stop, film }: Omit<LineProps, "lang">) {
  const at = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (!current) return;
    reveal(at.current!);
    // Who goes through the list by keys stays in it.
    if (document.activeElement?.matches(".list .pick")) at.current!.querySelector<HTMLElement>(".pick")!.focus({ preventScroll: true });
  }, [current]);
  const m = entry.proposal?.moment;
  const verdict = entry.proposal?.verdict ?? "";
  const name = known(`kind_${m?.kind ?? entry.segment?.kind ?? ""}`, t("kind_"));
  const when = t("from_to", clock(startS(entry)), clock(endS(entry)));
  return (
    <li ref={at} class={["moment", current && "now", entry.segment && "kept", verdict].filter(Boolean).join(" ")} aria-current={current}>
      <button type="button" class="pick" tabIndex={stop ? 0 : -1} onClick={() => desk.choose(entry)}>
        <span class="line">
          {entry.segment && <Icon name="check" />}
          <span class="kind">{name}</span>
          <span class="small numbers">{film && `${film} · `}{when}</span>
        </span>
        <span class="aside">{entry.segment ? t("is_kept") : verdict === "dropped" ? t("is_dropped") : t("is_open")}</span>
        <Thumbs recording={entry.recording} from={startS(entry)} to={endS(entry)} />
      </button>
      {m && <Score moment={m} />}
      {m?.why && <p class="why">{m.why} {m.blind && <span class="blind">{m.blind}</span>}</p>}
      {current && <Acts desk={desk} entry={entry} />}
      {current && (entry.segment ? <Editor key={entry.segment.entity} desk={desk} segment={entry.segment} own={!m} /> : verdict === "" && <Tags desk={desk} segment={null} />)}
    </li>
  );
}

// reveal scrolls the list, and nothing around it, to where a card is seen.
function reveal(card: HTMLElement): void {
  const list = card.closest<HTMLElement>(".scroll")!;
  const above = card.offsetTop - list.scrollTop;
  const below = above + Math.min(card.offsetHeight, list.clientHeight) - list.clientHeight;
  if (above < 0) list.scrollTop += above;
  else if (below > 0) list.scrollTop += below;
}

function Acts({ desk, entry }: { desk: Desk; entry: Entry }) {
  const verdict = entry.proposal?.verdict ?? "";
  if (!entry.proposal) return null;
  return (
    <div class="row acts">
      {entry.segment ? <span class="chip good"><Icon name="check" />{t("is_kept")}</span> : <Button kind="primary" action="keep" onClick={() => desk.keep(entry)}>{t("action_keep")}</Button>}
      <Button action="drop" pressed={verdict === "dropped"} onClick={() => desk.drop(entry)}>{t(verdict === "dropped" ? "undrop" : "action_drop")}</Button>
      {verdict !== "dropped" && <Button action="note" onClick={() => desk.note()}>{t("action_note")}</Button>}
    </div>
  );
}

const thumbs = 3;

function Thumbs({ recording, from, to }: { recording: string; from: number; to: number }) {
  const at = Array.from({ length: thumbs }, (_, i) => from + ((to - from) * (2 * i + 1)) / (2 * thumbs));
  return <span class="thumbs">{at.map((s, i) => <span class="thumb" key={i}><Thumb address={url.thumbnail(recording, Math.floor(2 * s) / 2, 256)} /></span>)}</span>;
}

// Score is how well a moment fits its rule, and how much of it is not known.
function Score({ moment }: { moment: Moment }) {
  const fit = Math.round(moment.score * 100);
  const blind = Math.round(moment.unknown * 100);
  return (
    <div class="score" role="img" aria-label={t("score_says", number(fit), number(blind))} title={t("score_says", number(fit), number(blind))}>
      <i style={{ width: `${fit}%` }} /><u style={{ width: `${Math.min(blind, 100 - fit)}%` }} />
    </div>
  );
}
