import { useEffect, useState } from "preact/hooks";
import { api, url, type ReelState } from "../api.ts";
import { facts } from "../facts.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import type { Open } from "../visit.ts";
import { about, number, t } from "../words/index.ts";
import { told } from "../words/told.ts";

// useReel asks how the rendered film stands. From then on the server tells by itself.
export function useReel(open: Open): void {
  useEffect(() => {
    api.reel(open.id).then((r) => (open.review.reel.value ??= r), () => undefined); // it is told later
  }, [open]);
}

const busy = (open: Open): boolean => ["waiting", "rendering"].includes(open.review.reel.value?.state ?? "");

async function make(open: Open): Promise<void> {
  const had = open.review.reel.peek();
  try {
    open.review.reel.value = await api.render(open.id);
  } catch (e) {
    open.review.reel.value = { done: 0, of: 0, film: had?.film ?? false, current: had?.current ?? false, state: "failed", message: told(e) };
  }
}

// MakeButton has the film made, where there is none of what the review says now.
export function MakeButton({ open, disabled }: { open: Open; disabled: boolean }) {
  const reel = open.review.reel.value;
  if (busy(open) || (reel?.state === "done" && reel.current)) return null;
  return <Button kind="primary" icon="clapperboard" disabled={disabled || !open.review.saved.value} onClick={() => void make(open)}>{t(reel?.film ? "reel_remake" : "reel_make")}</Button>;
}

// FilmBar tells how the film stands, once there is something to tell.
export function FilmBar({ open }: { open: Open }) {
  const [watching, watch] = useState(false);
  const reel = open.review.reel.value;
  if (!reel || reel.state === "none") return null;
  return (
    <div class={`made ${reel.state}`} role={busy(open) ? undefined : "status"}>
      {busy(open) && <Rendering open={open} reel={reel} />}
      {reel.state === "failed" && <><Icon name="warning" /><span class="grow wrong">{reel.message ? t("reel_failed", reel.message) : t("reel_failed_plain")}</span></>}
      {reel.state === "done" && <><Icon name={reel.current ? "check" : "warning"} /><span class="grow">{t(reel.current ? "reel_ready" : "reel_stale")}{reel.message && ` ${reel.message}`}</span></>}
      {reel.film && !busy(open) && (
        <>
          <Button icon="play" onClick={() => watch(true)}>{t("reel_watch")}</Button>
          <a class="button" href={url.film(open.id)} download={fileName(open)}><Icon name="download" /><span>{t("reel_download")}</span></a>
        </>
      )}
      {watching && (
        <Dialog title={t("reel_watch")} close={() => watch(false)} wide>
          <video class="watched" src={url.film(open.id)} controls autoplay playsInline />
        </Dialog>
      )}
    </div>
  );
}

// fileName is how the film is called once it is downloaded.
function fileName(open: Open): string {
  const title = facts.get(open.review.facts.value, "reel/main", "title");
  const name = typeof title === "string" && title ? title : `${t("reel")} ${open.visit.value?.day ?? ""}`;
  return `${name.replace(/[\\/:*?"<>|]/g, " ").trim()}.mp4`;
}

function Rendering({ open, reel }: { open: Open; reel: ReelState }) {
  const share = reel.of > 0 ? reel.done / reel.of : null;
  return (
    <>
      <span class="numbers">
        {t(reel.state === "waiting" ? "reel_waiting" : "reel_making")}{share !== null && `, ${t("percent", number(share * 100))}`}{reel.seconds_left !== undefined && `, ${t("left", about(reel.seconds_left))}`}
      </span>
      <progress class="grow" aria-label={t("reel_making")} {...(share === null ? {} : { value: share })} />
      <Button icon="x" onClick={() => void api.stopRender(open.id).catch(() => undefined)}>{t("cancel")}</Button>
    </>
  );
}
