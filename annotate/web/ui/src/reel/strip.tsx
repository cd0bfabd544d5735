import "./reel.css";
import { useEffect, useState } from "preact/hooks";
import { url } from "../api.ts";
import { listen } from "../keys.ts";
import { entityOf, items, moved, reelS, shownS, without, type Card, type Item, type Segment } from "../model.ts";
import { showParent } from "../parent/go.ts";
import { Button } from "../parts/button.tsx";
import { useHeld } from "../parts/held.ts";
import { Icon } from "../parts/icon.tsx";
import { Thumb } from "../parts/thumb.tsx";
import { showOf } from "../show/show.ts";
import { seconds } from "../time.ts";
import type { Open } from "../visit.ts";
import { count, known, lengthOf, number, t } from "../words/index.ts";
import { CardDialog, newCard } from "./card.tsx";
import { dragging } from "./drag.ts";
import { FilmBar, MakeButton, useReel } from "./film.tsx";
import { Preview } from "./preview.tsx";
import { Settings } from "./settings.tsx";
import { Share } from "./share.tsx";

type Shown = { dialog: "preview" | "settings" | "share" } | { dialog: "card"; card: Card } | null;

// ReelStrip is the reel of a visit, in order. current is the segment that the review
// is at; select goes to one.
export function ReelStrip({ open, current, select }: { open: Open; current?: string | undefined; select: (entity: string) => void }) {
  const [shown, show] = useState<Shown>(null);
  const all = open.views.items.value;
  const none = all.length === 0;
  useReel(open);
  useEffect(() => showOf(open).prepare(), [open]);
  useEffect(() => listen({ parent: () => items(open.review.facts.peek()).length > 0 && showParent(open.id) }), [open]);
  const parts = open.views.segments.value.length;
  return (
    <section class="panel reel" aria-labelledby="reel">
      <header>
        <h2 id="reel">{t("reel")}</h2>
        <span class="soft numbers">{!none && `${count("reel_part", parts)}, ${lengthOf(reelS(all))}`}</span>
        <span class="grow" />
        <a class="button quiet" href={url.report(open.id)} title={t("report")}><Icon name="report" /><span>{t("report")}</span></a>
        <Button kind="quiet" icon="share" title={t("reel_share")} disabled={none} onClick={() => show({ dialog: "share" })}>{t("reel_share")}</Button>
        <Button kind="quiet" icon="settings" title={t("reel_settings")} onClick={() => show({ dialog: "settings" })}>{t("reel_settings")}</Button>
        <Button icon="eye" class="preview" disabled={none} onClick={() => show({ dialog: "preview" })}>{t("reel_preview")}</Button>
        <Button icon="screen" action="parent" disabled={none} onClick={() => showParent(open.id)}>{t("action_parent")}</Button>
        <MakeButton open={open} disabled={parts === 0} />
      </header>
      <FilmBar open={open} />
      <Parts open={open} all={all} current={current} select={select} edit={(card) => show({ dialog: "card", card })} />
      {shown?.dialog === "preview" && <Preview open={open} close={() => show(null)} />}
      {shown?.dialog === "settings" && <Settings open={open} close={() => show(null)} />}
      {shown?.dialog === "share" && <Share open={open} close={() => show(null)} />}
      {shown?.dialog === "card" && <CardDialog open={open} card={shown.card} close={() => show(null)} />}
    </section>
  );
}

// reveal scrolls the strip, and nothing around it, to the segment that is current.
function reveal(list: HTMLElement): void {
  const part = list.querySelector<HTMLElement>("[aria-current]");
  if (!part) return;
  const left = part.offsetLeft - list.scrollLeft;
  const right = left + part.offsetWidth - list.clientWidth;
  if (left < 0) list.scrollLeft += left;
  else if (right > 0) list.scrollLeft += right;
}

interface PartsProps {
  open: Open;
  all: Item[];
  current?: string | undefined;
  select: (entity: string) => void;
  edit: (card: Card) => void;
}

function Parts({ open, all, current, select, edit }: PartsProps) {
  const list = useHeld<HTMLOListElement>("li", ".reel-face");
  const [said, say] = useState("");
  const place = (entity: string, to: number): void => {
    const now = items(open.review.facts.peek());
    const item = now.find((i) => entityOf(i) === entity);
    if (!item || to < 0 || to >= now.length) return; // removed meanwhile, or at its end
    open.review.do(moved(now, entity, to));
    say(t("reel_moved", nameOf(item), to + 1, now.length));
  };
  useEffect(() => dragging(list.current!, place), [open]);
  useEffect(() => reveal(list.current!), [current]);
  const step = (entity: string, by: number): void => place(entity, all.findIndex((i) => entityOf(i) === entity) + by);
  const press = (entity: string) => (e: KeyboardEvent): void => {
    const by = e.altKey && arrows[e.key];
    if (!by) return;
    e.preventDefault(); // to some browsers it says to go back
    step(entity, by);
  };
  let nth = 0;
  return (
    <>
      {all.length === 0 && <p class="empty soft">{t("reel_empty")}</p>}
      <ol class="parts" ref={list}>
        {all.map((i, at) => {
          const entity = entityOf(i);
          const name = i.card ? nameOf(i) : `${++nth}. ${nameOf(i)}`;
          const removes = i.card ? "reel_card_remove" : "segment_remove";
          const long = lengthOf(i.card ? i.card.seconds : shownS(i.segment));
          return (
            <li key={entity} data-entity={entity} class={i.card ? "part card" : "part"} aria-current={entity === current ? "true" : undefined}
              onKeyDown={press(entity)}>
              <button type="button" class="reel-face" aria-keyshortcuts="Alt+ArrowLeft Alt+ArrowRight"
                onClick={() => (i.card ? edit(i.card) : select(entity))}>
                {i.card ? <CardFace card={i.card} /> : <SegmentFace open={open} segment={i.segment} name={name} />}
                <span class="long soft numbers">{long}</span>
              </button>
              <div class="tools">
                <span class="grip" title={t("reel_drag")}><Icon name="grip" /></span>
                <Button kind="quiet" icon="chevronLeft" label={t("film_do", t("reel_earlier"), name)} title={t("reel_earlier")} disabled={at === 0} onClick={() => step(entity, -1)} />
                <Button kind="quiet" icon="chevronRight" label={t("film_do", t("reel_later"), name)} title={t("reel_later")} disabled={at === all.length - 1} onClick={() => step(entity, 1)} />
                <span class="grow" />
                <Button kind="quiet" icon="trash" label={t("film_do", t(removes), name)} title={t(removes)} onClick={() => remove(open, i)} />
              </div>
            </li>
          );
        })}
        <li class="add">
          <button type="button" class="reel-face" onClick={() => edit(newCard(open))}><Icon name="type" /><span>{t("reel_card_add")}</span></button>
        </li>
      </ol>
      <p class="aside" role="status">{said}</p>
    </>
  );
}

const arrows: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };

const nameOf = (i: Item): string => (i.card ? i.card.text || t("reel_card") : known(`kind_${i.segment.kind}`, i.segment.kind));

function remove(open: Open, i: Item): void {
  if (i.card) open.review.remove(i.card.entity);
  else open.review.do(without(open.review.facts.peek(), i.segment));
}

const CardFace = ({ card: c }: { card: Card }) => <span class="text"><span><span class="aside">{t("reel_card")} </span><bdi>{c.text}</bdi></span></span>;

function SegmentFace({ open, segment: s, name }: { open: Open; segment: Segment; name: string }) {
  const films = open.recordings.value;
  const film = films.length > 1 ? open.recording(s.recording)?.name : "";
  const at = s.freeze ? seconds(s.freeze.at) : (seconds(s.start) + seconds(s.end)) / 2;
  return (
    <>
      <span class="shot">
        <Thumb address={url.thumbnail(s.recording, at, 320)} />
        <span class="badges">
          {s.slow && <span class="badge"><Icon name="snail" />{t("reel_slow", number(s.slow.rate, 2, 0))}</span>}
          {s.freeze && <span class="badge"><Icon name="snowflake" />{t("reel_freeze", number(s.freeze.seconds, 1, 0))}</span>}
          {s.caption && s.question && <span class="badge"><Icon name="captions" /><span class="aside">{t("reel_caption")}</span></span>}
        </span>
      </span>
      <strong class="name">{name}</strong>
      {film && <span class="film-name soft" dir="auto">{film}</span>}
      {s.question && <em class="question" dir="auto">{t("quoted", s.question)}</em>}
    </>
  );
}
