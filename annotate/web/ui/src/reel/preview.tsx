import { useEffect } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { answer, Controls, Dots, Rests, Stage, Where } from "../show/stage.tsx";
import { showOf } from "../show/show.ts";
import type { Open } from "../visit.ts";
import { t } from "../words/index.ts";

// Preview shows the reel as it will be, without rendering it.
export function Preview({ open, close }: { open: Open; close: () => void }) {
  const show = showOf(open);
  useEffect(() => show.begin(), [show]);
  useEffect(() => answer(show), [show]);
  return (
    <Dialog title={t("reel_preview")} close={close} wide>
      <div class="reel-preview">
        <Stage show={show} />
        <Dots show={show} />
        <Controls show={show} focused />
        <div class="row centre"><Rests show={show} /></div>
        <Where show={show} />
      </div>
    </Dialog>
  );
}
