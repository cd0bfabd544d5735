import type { Clash, Review } from "../edits.ts";
import type { Value } from "../api.ts";
import { precise, seconds, type Instant } from "../time.ts";
import { known, t } from "../words/index.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

// shown is a value as people read it.
function shown(v: Value): string {
  if (v === null || v === "") return t("nothing");
  if (typeof v === "string") return `« ${v} »`;
  if (typeof v === "object" && "ticks" in v) return precise(seconds(v as unknown as Instant));
  return typeof v === "object" ? JSON.stringify(v) : String(v);
}

function Clashed({ clash, review }: { clash: Clash; review: Review }) {
  return (
    <div class="notice warn" role="alertdialog" aria-label={t("clash")}>
      <Icon name="warning" />
      <div class="grow">
        <strong>{t("clash")}</strong>
        {clash.theirs.map((c) => {
          const mine = clash.edit.changes?.find((m) => m.entity === c.entity && m.field === c.field);
          return <p key={c.entity + c.field}>{t("clash_why", known(`field_${c.field}`, c.field.replace("tag:", "")), shown(mine?.to ?? null), shown(c.value))}</p>;
        })}
      </div>
      {clash.edit.kind === "do" && <Button onClick={() => review.settle(clash, true)}>{t("clash_mine")}</Button>}
      <Button kind="primary" onClick={() => review.settle(clash, false)}>{t("clash_theirs")}</Button>
    </div>
  );
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

// Saved says whether all that was done is with the server.
export const Saved = ({ review }: { review: Review }) => (
  <span class="state" role="status">{review.saved.value ? t("saved") : t("saving")}</span>
);
