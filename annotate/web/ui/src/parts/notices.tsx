import type { Review } from "../edits.ts";
import type { Value } from "../api.ts";
import { versions, type Clash } from "../clash.ts";
import { tagPrefix } from "../model.ts";
import { precise, seconds, type Instant } from "../time.ts";
import { known, number, t } from "../words/index.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

// named is a field as people call it.
const named = (field: string): string =>
  field.startsWith(tagPrefix) ? t("field_tag", field.slice(tagPrefix.length)) : known(`field_${field}`, known(`reel_${field}`, field));

// shown is a field's value as people read it.
export function shown(field: string, v: Value): string {
  if (v === null || v === "") return t("nothing");
  if (typeof v === "boolean") return t(v ? "yes" : "no");
  if (typeof v === "number") return `${number(v, 1, 0)} s`;
  if (typeof v === "string") return known(`${field === "verdict" ? "is" : field}_${v}`, t("quoted", v));
  const at = (x: Value | undefined): string => precise(seconds(x as unknown as Instant));
  if ("ticks" in v) return at(v as Value);
  if (Array.isArray(v)) return String(v);
  if (field === "slow") return `${t("slow_from", at(v["start"]), at(v["end"]))}, ${number(Number(v["rate"]), 2, 0)}×`;
  if (field === "freeze") return `${t("freeze_at", at(v["at"]))}, ${number(Number(v["seconds"]), 1, 0)} s`;
  return known(`kind_${v["kind"] as string}`, t("kind_")); // a moment as it was proposed
}

function Clashed({ clash, review }: { clash: Clash; review: Review }) {
  const { kind } = clash.edit;
  const v = versions(clash, review.facts.value);
  const title = kind !== "do" ? t("clash_back", t(kind)) : v.gone ? t("clash_gone") : t("clash");
  return (
    <div class="notice warn" role="alertdialog" aria-label={title}>
      <Icon name="warning" />
      <div class="grow">
        <strong>{title}</strong>
        {v.fields.map((f) => <p key={f.entity + f.field}>{difference(f)}</p>)}
        {kind === "do" && !v.gone && v.fields.length === 0 && <p>{t("clash_same")}</p>}
        {kind !== "do" && v.gone && <p>{t("clash_removed")}</p>}
        {v.texts.length > 0 && <p>{t("clash_text")}</p>}
        {v.texts.map((text) => <textarea key={text} readOnly rows={2} aria-label={t("clash_text")} value={text} onFocus={(e) => e.currentTarget.select()} />)}
      </div>
      {v.mine && <Button onClick={() => review.settle(clash, "mine")}>{t(kind === "do" ? "clash_mine" : "clash_anyway")}</Button>}
      {v.both && <Button onClick={() => review.settle(clash, "both")}>{t("clash_both")}</Button>}
      <Button kind="primary" onClick={() => review.settle(clash, "theirs")}>{t(kind !== "do" ? "clash_leave" : v.gone ? "close" : "clash_theirs")}</Button>
    </div>
  );
}

function difference({ field, mine, there }: { field: string; mine?: Value; there: Value }): string {
  if (field === "order") return t("clash_order", named(field)); // its letters say nothing to people
  return mine === undefined ? t("clash_there", named(field), shown(field, there)) : t("clash_why", named(field), shown(field, mine), shown(field, there));
}

// Notices tell what a person must know of how their work is kept.
export function Notices({ review, trouble }: { review: Review; trouble?: string }) {
  return (
    <div class="notices" aria-live="polite">
      {review.away.value && <div class="notice warn" role="status"><Icon name="warning" /><span class="grow">{t(review.away.value)}</span></div>}
      {review.refused.value && (
        <div class="notice bad" role="alert"><Icon name="warning" /><span class="grow">{t("refused", review.refused.value)}</span>
          <Button icon="x" kind="quiet" label={t("close")} onClick={() => (review.refused.value = "")} /></div>
      )}
      {trouble && <div class="notice bad" role="alert"><Icon name="warning" /><span class="grow">{t("failed", trouble)}</span></div>}
      {review.clashes.value.map((c) => <Clashed key={c.edit.id} clash={c} review={review} />)}
    </div>
  );
}

// Saved shows whether all that was done is with the server. It is read out only where it is
// not, as one of the notices.
export const Saved = ({ review }: { review: Review }) => (
  <span class="state">{review.saved.value ? t("saved") : t("saving")}</span>
);
