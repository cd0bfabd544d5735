import { url } from "../api.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import type { Open } from "../visit.ts";
import { t } from "../words/index.ts";

// Share gives the reel to other programs.
export function Share({ open, close }: { open: Open; close: () => void }) {
  const made = open.review.reel.value?.film;
  const forms = [
    ["otio", t("reel_otio"), t("reel_otio_why")], ["edl", t("reel_edl"), t("reel_edl_why")], ["llc", t("reel_llc"), t("reel_llc_why")], ["clips", t("reel_clips"), t("reel_clips_why")],
  ] as const;
  return (
    <Dialog title={t("reel_share_title")} close={close}>
      <ul class="options">
        {forms.map(([form, name, why]) => <li key={form}><Choice to={url.export(open.id, form)} name={name} why={why} /></li>)}
        {made && <li><Choice to={url.provenance(open.id)} name={t("reel_provenance")} why={t("reel_provenance_why")} /></li>}
      </ul>
    </Dialog>
  );
}

const Choice = ({ to, name, why }: { to: string; name: string; why: string }) => (
  <a class="option download" href={to} download=""><Icon name="download" /><span><strong>{name}</strong><br /><span class="soft small">{why}</span></span></a>
);
