import { useEffect, useState } from "preact/hooks";
import { api, url } from "../api.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import type { Open } from "../visit.ts";
import { about, number, t } from "../words/index.ts";

// useReel asks how the rendered film stands: at first, and after each edit that was
// kept, which may have made it old. While it is made the server tells by itself.
export function useReel(open: Open): void {
  const place = open.review.said.value.place;
  const facts = open.review.said.value.facts;
  useEffect(() => {
    const had = open.review.reel.peek();
    if (had && had.state !== "done") return;
    const timer = setTimeout(() => void ask(open), 300);
    return () => clearTimeout(timer);
  }, [open, place, facts]);
}

async function ask(open: Open): Promise<void> {
  try {
    open.review.reel.value = await api.reel(open.id);
  } catch {
    // It is asked again after the next edit, and told when it is made.
  }
}

async function make(open: Open): Promise<void> {
  try {
    open.review.reel.value = { state: "rendering", done: 0, of: 0 };
    await api.render(open.id);
  } catch (e) {
    open.review.reel.value = { state: "failed", done: 0, of: 0, message: (e as Error).message };
  }
}

// MakeButton has the film made.
export function MakeButton({ open, disabled }: { open: Open; disabled: boolean }) {
  const reel = open.review.reel.value;
  const old = reel?.state === "done";
  if (reel?.state === "rendering" || (old && reel.current)) return null;
  return <Button kind="primary" icon="clapperboard" disabled={disabled || !open.review.saved.value} onClick={() => void make(open)}>{t(old ? "reel_remake" : "reel_make")}</Button>;
}

// FilmBar tells how the film stands, once there is something to tell.
export function FilmBar({ open }: { open: Open }) {
  const [watching, watch] = useState(false);
  const reel = open.review.reel.value;
  if (!reel || reel.state === "none") return null;
  return (
    <div class={`made ${reel.state}`} role="status">
      {reel.state === "rendering" && <Rendering open={open} />}
      {reel.state === "failed" && <><Icon name="warning" /><span class="grow wrong">{reel.message ? t("reel_failed", reel.message) : t("reel_failed_plain")}</span></>}
      {reel.state === "cancelled" && <span class="grow">{t("reel_cancelled")}</span>}
      {reel.state === "done" && (
        <>
          <Icon name={reel.current ? "check" : "warning"} />
          <span class="grow">{t(reel.current ? "reel_ready" : "reel_stale")}</span>
          <Button icon="play" onClick={() => watch(true)}>{t("reel_watch")}</Button>
          <a class="button" href={url.film(open.id)} download=""><Icon name="download" /><span>{t("reel_download")}</span></a>
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

function Rendering({ open }: { open: Open }) {
  const reel = open.review.reel.value!;
  const share = reel.of > 0 ? reel.done / reel.of : null;
  return (
    <>
      <span class="numbers">{t("reel_making")}{share !== null && ` : ${number(share * 100)} %`}{reel.seconds_left !== undefined && `, ${t("left", about(reel.seconds_left))}`}</span>
      <progress class="grow" aria-label={t("reel_making")} {...(share === null ? {} : { value: share })} />
      <Button icon="x" onClick={() => void api.stopRender(open.id)}>{t("cancel")}</Button>
    </>
  );
}
