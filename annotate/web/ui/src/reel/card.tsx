import { useState } from "preact/hooks";
import { last, type Card } from "../model.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import type { Open } from "../visit.ts";
import { t } from "../words/index.ts";

const usual = 4; // s that a card is shown

// newCard is one that is not there until it is saved.
export const newCard = (open: Open): Card => ({ entity: `card/${crypto.randomUUID()}`, text: "", seconds: usual, order: last(open.review.facts.peek()) });

export function CardDialog({ open, card, close }: { open: Open; card: Card; close: () => void }) {
  const [text, setText] = useState(card.text);
  const [seconds, setSeconds] = useState(card.seconds);
  const there = open.review.facts.value[card.entity] !== undefined;
  const [opened] = useState(() => open.review.facts.peek()[card.entity]); // what was there then; nothing of a new one
  const save = (e: Event): void => {
    e.preventDefault();
    const fields = { text: text.trim(), seconds: Math.min(60, Math.max(0.5, seconds || usual)), order: card.order };
    const changed = Object.entries(fields).filter(([field, to]) => !opened || to !== card[field as keyof typeof fields]);
    open.review.do(changed.map(([field, to]) => ({ entity: card.entity, field, from: opened?.[field] ?? null, to })));
    close();
  };
  return (
    <Dialog title={t("reel_card")} close={close}>
      <form class="stack" onSubmit={save}>
        <label>{t("reel_card_text")}
          <textarea rows={3} maxLength={200} placeholder={t("reel_card_hint")} value={text} autofocus onInput={(e) => setText(e.currentTarget.value)}
            onKeyDown={(e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && save(e)} />
        </label>
        <label class="short">{t("reel_card_seconds")}
          <input type="number" min={0.5} max={60} step={0.5} value={seconds} onInput={(e) => setSeconds(e.currentTarget.valueAsNumber)} />
        </label>
        <div class="row end">
          {there && <Button kind="danger" icon="trash" onClick={() => { open.review.remove(card.entity); close(); }}>{t("remove")}</Button>}
          <span class="grow" />
          <Button onClick={close}>{t("cancel")}</Button>
          <button type="submit" class="button primary">{t("ok")}</button>
        </div>
      </form>
    </Dialog>
  );
}
