import { useState } from "preact/hooks";
import { api, url } from "../api.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import type { Open } from "../visit.ts";
import { t } from "../words/index.ts";
import { told } from "../words/told.ts";

// Share gives the reel to other programs.
export function Share({ open, close }: { open: Open; close: () => void }) {
  const [why, explain] = useState("");
  const made = open.review.reel.value?.film;
  const forms = [["otio", t("reel_otio"), t("reel_otio_why")], ["edl", t("reel_edl"), t("reel_edl_why")], ["llc", t("reel_llc"), t("reel_llc_why")]] as const;
  // Not every reel can be had in every form: then the server says why.
  const take = (e: Event, address: string): void => {
    e.preventDefault();
    explain("");
    api.media(address, AbortSignal.timeout(patience)).then(save, (wrong: unknown) => explain(told(wrong)));
  };
  return (
    <Dialog title={t("reel_share_title")} close={close}>
      {why && <div class="notice bad" role="alert"><Icon name="warning" /><span>{why}</span></div>}
      <ul class="options">
        {forms.map(([form, name, what]) => <li key={form}><Choice to={url.export(open.id, form)} name={name} what={what} take={take} /></li>)}
        <li><Choice to={url.export(open.id, "clips")} name={t("reel_clips")} what={t("reel_clips_why")} /></li>
        {made && <li><Choice to={url.provenance(open.id)} name={t("reel_provenance")} what={t("reel_provenance_why")} /></li>}
      </ul>
    </Dialog>
  );
}

const patience = 60_000; // ms

interface ChoiceProps {
  to: string;
  name: string;
  what: string;
  take?: (e: Event, address: string) => void; // instead of following the link
}

const Choice = ({ to, name, what, take }: ChoiceProps) => (
  <a class="option download" href={to} download="" {...(take ? { onClick: (e: Event) => take(e, to) } : {})}>
    <Icon name="download" /><span><strong>{name}</strong><br /><span class="soft small">{what}</span></span>
  </a>
);

// save has the browser keep what came, under the name that the server gave it.
async function save(answer: Response): Promise<void> {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "dyade";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), patience);
}
