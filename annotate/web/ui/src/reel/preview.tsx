import { useEffect, useRef } from "preact/hooks";
import { named } from "../keys.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Controls, Dots, Rests, showKeys, Stage, Where } from "../show/stage.tsx";
import { showOf } from "../show/show.ts";
import type { Open } from "../visit.ts";
import { t } from "../words/index.ts";

// Preview shows the reel as it will be, without rendering it.
export function Preview({ open, close }: { open: Open; close: () => void }) {
  const show = showOf(open);
  const at = useRef<HTMLDivElement>(null);
  useEffect(() => show.begin(), [show]);
  const press = (e: KeyboardEvent): void => {
    const key = named(e);
    if (e.ctrlKey || e.metaKey || e.altKey || !showKeys[key] || (key === " " && (e.target as HTMLElement).closest("button"))) return;
    showKeys[key](show);
    e.preventDefault();
  };
  return (
    <Dialog title={t("reel_preview")} close={close} wide>
      <div class="reel-preview" ref={at} onKeyDown={press}>
        <Stage show={show} />
        <Dots show={show} />
        <Controls show={show} />
        <div class="row centre"><Rests show={show} /></div>
        <Where show={show} />
      </div>
    </Dialog>
  );
}
