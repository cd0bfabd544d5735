import { facts } from "../facts.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { useWriting } from "../parts/writing.ts";
import type { Open } from "../visit.ts";
import { t } from "../words/index.ts";

const entity = "reel/main";

// Settings are of the whole reel.
export function Settings({ open, close }: { open: Open; close: () => void }) {
  const f = open.review.facts.value;
  const set = (field: string, to: boolean): void => open.review.do([{ entity, field, to }]);
  const title = useWriting((facts.get(f, entity, "title") as string | null) ?? "", () => {
    const from = facts.get(open.review.facts.peek(), entity, "title");
    return (text) => open.review.do([{ entity, field: "title", from, to: text.trim() || null }]);
  });
  return (
    <Dialog title={t("reel_settings_title")} close={close}>
      <label>{t("reel_title")}
        <input type="text" maxLength={120} autofocus value={title.text} onInput={(e) => title.write(e.currentTarget.value)} onBlur={title.keep} />
        <small>{t("reel_title_hint")}</small>
      </label>
      <div>
        <label class="check"><input type="checkbox" checked={facts.get(f, entity, "evened") === true} onChange={(e) => set("evened", e.currentTarget.checked)} />{t("reel_evened")}</label>
        <small>{t("reel_evened_why")}</small>
        <label class="check"><input type="checkbox" checked={facts.get(f, entity, "faded") === true} onChange={(e) => set("faded", e.currentTarget.checked)} />{t("reel_faded")}</label>
      </div>
      <div class="row end"><Button kind="primary" onClick={close}>{t("ok")}</Button></div>
    </Dialog>
  );
}
