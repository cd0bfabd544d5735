import { useEffect, useState } from "preact/hooks";
import { actions, keyOf, named, otherKeys, remap, remapNone, showKeys, shownKey, type Action } from "../keys.ts";
import { objectives } from "../model.ts";
import { t, type Word } from "../words/index.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

function said(a: Action): string {
  const n = Number(/^(?:tag|state)([1-9])$/.exec(a)?.[1]);
  const objective = objectives[n - 1];
  if (a.startsWith("tag")) return objective ? t("action_objective", t(`objective_${objective}`)) : t("action_tag", n);
  return n ? t("action_state", n) : t(`action_${a}` as Word);
}

// Fixed are keys that cannot be others.
const Fixed = ({ title, keys }: { title: Word; keys: Partial<Record<Word, string[]>> }) => (
  <section>
    <h3>{t(title)}</h3>
    <ul class="keys fixed">
      {Object.entries(keys).map(([word, all]) => (
        <li key={word}><span>{t(word as Word)}</span><span>{all.map((key) => <kbd key={key}>{shownKey(key)}</kbd>)}</span></li>
      ))}
    </ul>
  </section>
);

// Help lists what each key does, and lets it be another.
export function Help({ close }: { close: () => void }) {
  const [changing, change] = useState<Action | null>(null);
  useEffect(() => {
    if (!changing) return;
    const press = (e: KeyboardEvent): void => {
      if (["Shift", "Control", "Alt", "Meta", "Tab"].includes(e.key)) return;
      e.preventDefault();
      e.stopPropagation();
      if (e.key !== "Escape") remap(changing, named(e));
      change(null);
    };
    document.addEventListener("keydown", press, true);
    return () => document.removeEventListener("keydown", press, true);
  }, [changing]);
  return (
    <Dialog title={t("keys")} close={close} wide>
      <p class="soft">{t("keys_how")}</p>
      <ul class="keys">
        {actions.map((a) => (
          <li key={a}>
            <span>{said(a)}</span>
            <button type="button" class="button" aria-label={t("film_do", said(a), shownKey(keyOf(a)))} onClick={() => change(a)}>
              <kbd>{changing === a ? t("keys_press") : shownKey(keyOf(a))}</kbd>
            </button>
          </li>
        ))}
      </ul>
      <div class="row"><Button icon="rotate" onClick={remapNone}>{t("keys_usual")}</Button></div>
      <Fixed title="keys_show" keys={showKeys} />
      <Fixed title="keys_else" keys={otherKeys} />
    </Dialog>
  );
}
