import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { objectives, shownS, type Segment } from "../model.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { useWriting } from "../parts/writing.ts";
import { precise, seconds } from "../time.ts";
import { lengthOf, number, t } from "../words/index.ts";
import type { Desk } from "./desk.ts";
import { nameTag, numbers, tagOf } from "./tags.ts";

// Editor changes a segment: where it starts and ends, what is said about it, how it is
// shown.
export function Editor({ desk, segment, own }: { desk: Desk; segment: Segment; own: boolean }) {
  return (
    <div class="editor">
      <Trim desk={desk} segment={segment} />
      <Note desk={desk} segment={segment} field="seen" />
      <Note desk={desk} segment={segment} field="question" />
      <label class="check"><input type="checkbox" checked={segment.caption} disabled={!segment.question} onChange={(e) => desk.caption(e.currentTarget.checked)} />{t("caption")}</label>
      <Tags desk={desk} segment={segment} />
      <Motion desk={desk} segment={segment} />
      <div class="row"><Button icon="trash" kind="quiet" {...(own ? { action: "drop" as const } : {})} onClick={() => desk.remove()}>{t("segment_remove")}</Button></div>
    </div>
  );
}

function Trim({ desk, segment }: { desk: Desk; segment: Segment }) {
  const s = (edge: "start" | "end"): number => seconds(segment[edge]);
  return (
    <div class="trim">
      {(["start", "end"] as const).map((edge) => (
        <div class="row tight" key={edge} role="group" aria-label={t(`field_${edge}`)}>
          <span class="label">{t(`edge_${edge}`)}</span>
          <Button kind="quiet" icon="minus" label={t("trim_back", t(`field_${edge}`))} onClick={() => desk.trim(edge, -1)} />
          <button type="button" class="plain numbers" title={t("go_there")} onClick={() => desk.trim(edge, 0)}>{precise(s(edge))}</button>
          <Button kind="quiet" icon="plus" label={t("trim_on", t(`field_${edge}`))} onClick={() => desk.trim(edge, 1)} />
          <span class="grow" />
          <Button action={edge === "start" ? "in" : "out"} onClick={() => desk.mark(edge)}>{t("here")}</Button>
        </div>
      ))}
      <p class="small">{t("segment_length", long(s("end") - s("start")))}{Math.abs(shownS(segment) - s("end") + s("start")) > 0.05 ? ` ${t("segment_shown", long(shownS(segment)))}` : ""}</p>
    </div>
  );
}

const long = (s: number): string => (s < 60 ? `${number(s, 1)} s` : lengthOf(s));

// Note is a text that is kept as it is written, one edit each time that the writer rests.
function Note({ desk, segment, field }: { desk: Desk; segment: Segment; field: "seen" | "question" }) {
  const at = useRef<HTMLTextAreaElement>(null);
  const { text, write, keep } = useWriting(segment[field], () => desk.write(segment.entity, field));
  const wanted = field === "seen" && desk.writing.value === segment.entity;
  useLayoutEffect(() => { // before the next key
    if (!wanted) return;
    at.current!.focus();
    desk.writing.value = "";
  }, [wanted]);
  return (
    <label class="note">
      {t(`note_${field}`)}
      <textarea ref={at} rows={2} maxLength={4000} value={text} placeholder={t(`note_${field}_as`)} onInput={(e) => write(e.currentTarget.value)} onBlur={keep}
        onKeyDown={(e) => e.key === "Escape" && e.currentTarget.blur()} />
    </label>
  );
}

// Tags are the objectives, by the keys 1 to 3, and words of a person's own, by 4 to 9.
export function Tags({ desk, segment }: { desk: Desk; segment: Segment | null }) {
  const words = numbers.map(tagOf);
  const others = (segment?.tags ?? []).filter((w) => !words.includes(w));
  const naming = desk.naming.value;
  const held = document.activeElement?.closest(".tags") ?? null; // before what has the focus gives way to what is typed in
  return (
    <div class="row tags" role="group" aria-label={t("tags")}>
      {objectives.map((o, i) => <Tag key={o} n={i + 1} on={segment?.objective === o} press={() => desk.objective(o)}>{t(`objective_${o}`)}</Tag>)}
      {numbers.map((n) => {
        const word = tagOf(n);
        if (naming === n) return <Naming key={n} n={n} desk={desk} from={held} />;
        return word && <Tag key={n} n={n} on={segment?.tags.includes(word) ?? false} press={() => desk.tag(word)} rename={() => (desk.naming.value = n)}>{word}</Tag>;
      })}
      {others.map((w) => <Tag key={w} on press={() => desk.tag(w)}>{w}</Tag>)}
      {segment && naming === 0 && <button type="button" class="tag add" onClick={() => (desk.naming.value = numbers.find((n) => !tagOf(n)) ?? -1)}><Icon name="plus" />{t("tag_add")}</button>}
      {naming === -1 && <Naming n={-1} desk={desk} from={held} />}
    </div>
  );
}

function Tag({ n, on, press, rename, children }: { n?: number; on: boolean; press: () => void; rename?: () => void; children: string }) {
  const tag = (
    <button type="button" class="tag" data-n={n} aria-pressed={on} onClick={press} {...(n ? { "aria-keyshortcuts": String(n) } : {})}>
      {n !== undefined && <kbd aria-hidden="true">{n}</kbd>}<bdi>{children}</bdi>
    </button>
  );
  if (!rename) return tag;
  const name = t("tag_rename", children);
  return <span class="named-tag">{tag}<button type="button" class="tag rename" aria-label={name} title={name} onClick={rename}><Icon name="pencil" /></button></span>;
}

// Naming gives a key a word; -1: no key is free, and the word is this segment's alone. The
// focus goes back from where it came.
function Naming({ n, desk, from }: { n: number; desk: Desk; from: Element | null }) {
  const was = n > 0 ? tagOf(n) : "";
  const [word, set] = useState(was);
  const at = useRef<HTMLInputElement>(null);
  const row = useRef(from);
  const over = useRef(false); // what goes from the page with the focus is left, too
  useLayoutEffect(() => { // before the next key
    at.current!.focus();
    at.current!.select();
  }, []);
  const done = (keep: boolean): void => {
    if (over.current) return;
    over.current = true;
    desk.naming.value = 0;
    if (!keep || word.trim() === was) return;
    if (n > 0) nameTag(n, word);
    if (word.trim() && !was) desk.tag(word);
  };
  const end = (keep: boolean): void => {
    done(keep);
    requestAnimationFrame(() => row.current?.querySelector<HTMLElement>(`[data-n="${n}"], .add`)?.focus()); // which is there then
  };
  return (
    <input ref={at} class="naming" maxLength={40} value={word} aria-label={n > 0 ? t("tag_name", n) : t("tag_add")} placeholder={t("tag_as")} onInput={(e) => set(e.currentTarget.value)}
      onBlur={() => done(true)} onKeyDown={(e) => (e.key === "Enter" ? end(true) : e.key === "Escape" && end(false))} />
  );
}

// Motion slows a part of the segment, or stops at a frame of it.
function Motion({ desk, segment }: { desk: Desk; segment: Segment }) {
  const { slow, freeze } = segment;
  return (
    <div class="stack motion">
      {slow ? (
        <div role="group" aria-label={t("field_slow")}>
          <div class="row tight">
            <Icon name="snail" /><span class="label grow">{t("slow_from", precise(seconds(slow.start)), precise(seconds(slow.end)))}</span>
            <Button icon="x" kind="quiet" label={t("slow_none")} onClick={() => desk.slow(null)} />
          </div>
          <div class="row">
            {[0.5, 0.25].map((rate) => <Button key={rate} pressed={slow.rate === rate} onClick={() => desk.slow({ rate })}>{number(rate, rate === 0.5 ? 1 : 2)}×</Button>)}
            <Button onClick={() => desk.slow({ edge: "start" })}>{t("slow_start")}</Button>
            <Button onClick={() => desk.slow({ edge: "end" })}>{t("slow_end")}</Button>
          </div>
        </div>
      ) : null}
      {freeze ? (
        <div class="row tight" role="group" aria-label={t("field_freeze")}>
          <Icon name="snowflake" /><span class="label grow">{t("freeze_at", precise(seconds(freeze.at)))}</span>
          <label class="row tight"><span class="aside">{t("freeze_seconds")}</span>
            <input type="number" class="few" min={1} max={20} step={1} value={freeze.seconds} onChange={(e) => e.currentTarget.checkValidity() && desk.freeze(Number(e.currentTarget.value))} /> s</label>
          <Button icon="x" kind="quiet" label={t("freeze_none")} onClick={() => desk.freeze(null)} />
        </div>
      ) : null}
      {(!slow || !freeze) && (
        <div class="row">
          {!slow && <Button icon="snail" onClick={() => desk.slow({})}>{t("slow_here")}</Button>}
          {!freeze && <Button icon="snowflake" onClick={() => desk.freeze(3)}>{t("freeze_here")}</Button>}
        </div>
      )}
    </div>
  );
}
