import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, Refused, url, type Recording } from "../api.ts";
import { durationS } from "../model.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { Thumb } from "../parts/thumb.tsx";
import { about, clockTime, count, day, lengthOf, size, t } from "../words/index.ts";
import { told } from "../words/told.ts";
import { FileChooser } from "./home.tsx";
import { sendings, type Sending } from "./sending.ts";
import { dayOf, type Shelf } from "./shelf.ts";

const share = (r: Recording): number => (r.steps > 0 ? r.steps_done / r.steps : 0);

// Film is a recording in the list.
export function Film({ film: r, shelf }: { film: Recording; shelf: Shelf }) {
  const [asks, ask] = useState<"" | "delete" | "move">("");
  useEffect(() => shelf.count(r), [r.state, r.ranking]);
  const act = (what: Promise<unknown>): void => {
    what.catch((e: unknown) => (shelf.trouble.value = t("failed", told(e))));
  };
  const begun = r.state === "working" && r.steps_done > 0;
  return (
    <li class={`film ${r.state}`} data-recording={r.id}>
      <Picture film={r} />
      <div class="what">
        <strong class="name" dir="auto" title={r.name}>{r.name}</strong>
        <p class="soft small numbers"><State film={r} shelf={shelf} /></p>
        {r.state === "working" && <progress aria-label={t("film_do", t("state_working"), r.name)} {...(begun ? { value: share(r) } : {})} />}
      </div>
      <div class="acts">
        {r.state === "working" && <Act icon="stop" word="film_stop" name={r.name} does={() => act(api.cancel(r.id))} />}
        {(r.state === "failed" || r.state === "cancelled") && <Button icon="rotate" aria-label={t("film_do", t("film_retry"), r.name)} onClick={() => act(api.retry(r.id))}>{t("film_retry")}</Button>}
        <Act icon="move" word="film_move" name={r.name} does={() => ask("move")} />
        <Act icon="trash" word="film_delete" name={r.name} does={() => ask("delete")} />
      </div>
      {asks === "delete" && <Delete film={r} close={() => ask("")} does={() => act(api.remove(r.id))} />}
      {asks === "move" && <Move film={r} shelf={shelf} close={() => ask("")} />}
    </li>
  );
}

const Act = ({ icon, word, name, does }: { icon: "stop" | "move" | "trash"; word: "film_stop" | "film_move" | "film_delete"; name: string; does: () => void }) => (
  <Button kind="quiet" icon={icon} label={t("film_do", t(word), name)} title={t(word)} onClick={does} />
);

// Picture is from a third of the film, where something is likely to be seen.
function Picture({ film: r }: { film: Recording }) {
  const [there, set] = useState(true);
  const seen = r.recording?.video && there && durationS(r) > 0;
  return (
    <div class="shot">
      {seen ? <Thumb address={url.thumbnail(r.id, durationS(r) / 3, 192)} gone={() => set(false)} /> : <Icon name="film" />}
    </div>
  );
}

// State says in a line how far the analysis is.
function State({ film: r, shelf }: { film: Recording; shelf: Shelf }) {
  const found = shelf.moments.value[r.id];
  const parts: ComponentChildren[] = durationS(r) > 0 ? [lengthOf(durationS(r))] : [];
  if (r.state === "working") {
    const left = r.steps_done > 0 ? shelf.pace.left(r.id, share(r)) : null;
    parts.push(t(r.steps_done > 0 ? "state_working" : "state_waiting"));
    if (left !== null) parts.push(t("left", about(left)));
    if (found) parts.push(<b>{count("moment_sofar", found)}</b>);
  } else if (r.state === "done") {
    if (found !== undefined) parts.push(found > 0 ? <b>{count("moment", found)}</b> : t("moment_none"));
    else parts.push(t("state_done"));
  } else parts.push(<span class={r.state === "failed" ? "wrong" : ""}>{r.message || t(`state_${r.state}`)}</span>);
  return <>{parts.map((p, i) => <span key={i}>{i > 0 && " · "}{p}</span>)}</>;
}

function Delete({ film: r, close, does }: { film: Recording; close: () => void; does: () => void }) {
  return (
    <Dialog title={t("delete_title")} close={close}>
      <p>{t("delete_why", r.name)}</p>
      <div class="row end">
        <Button onClick={close}>{t("cancel")}</Button>
        <Button kind="danger" icon="trash" onClick={() => { close(); does(); }}>{t("delete_yes")}</Button>
      </div>
    </Dialog>
  );
}

function Move({ film: r, shelf, close }: { film: Recording; shelf: Shelf; close: () => void }) {
  const others = shelf.sittings.value.filter((s) => s.id !== r.visit).slice(0, 30);
  const alone = shelf.sittings.value.find((s) => s.id === r.visit)?.recordings.length === 1;
  const go = async (visit: string): Promise<void> => {
    close();
    try {
      await api.move(r.id, visit || (await api.newVisit(dayOf(r.submitted))).id);
    } catch (e) {
      shelf.trouble.value = e instanceof Refused && e.status === 409 ? t("move_refused") : t("failed", told(e));
    }
  };
  return (
    <Dialog title={t("move_title")} close={close}>
      <p class="soft">{t("move_why", r.name)}</p>
      {others.length === 0 && alone && <p>{t("move_none")}</p>}
      <ul class="options">
        {!alone && <li><button type="button" class="option" onClick={() => void go("")}><strong>{t("move_new")}</strong></button></li>}
        {others.map((s) => (
          <li key={s.id}>
            <button type="button" class="option" onClick={() => void go(s.id)}>
              <strong>{day(s.began)}, {clockTime(s.began)}</strong>
              <span class="soft small">{s.recordings.map((x) => x.name).join(", ")}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

// Sent is a film on its way.
export function Sent({ sending: s }: { sending: Sending }) {
  const chooser = useRef<HTMLInputElement>(null);
  const all = sendings();
  const whole = s.size > 0 ? s.sent / s.size : 0;
  return (
    <li class={`film sent ${s.state}`} data-sending={s.state}>
      <div class="shot"><Icon name="upload" /></div>
      <div class="what">
        <strong class="name" dir="auto" title={s.name}>{s.name}</strong>
        <p class="soft small numbers" role={s.state === "failed" || s.state === "lost" ? "alert" : undefined}>{said(s)}</p>
        {["sending", "lost", "taking"].includes(s.state) && <progress aria-label={s.name} {...(s.state === "taking" ? {} : { value: whole })} />}
      </div>
      <div class="acts">
        {s.state === "failed" && <Button icon="rotate" onClick={() => all.retry(s.id)}>{t("send_retry")}</Button>}
        {s.state === "cut" && <Button icon="upload" onClick={() => chooser.current!.click()}>{t("send_again")}</Button>}
        {s.state !== "taking" && <Button kind="quiet" icon="x" label={t("film_do", t("send_cancel"), s.name)} title={t("send_cancel")} onClick={() => void all.cancel(s.id)} />}
      </div>
      <FileChooser one at={chooser} chosen={(files) => all.resume(s.id, files[0]!)} />
    </li>
  );
}

function said(s: Sending): ComponentChildren {
  switch (s.state) {
    case "sending": {
      const left = sendings().pace.left(s.id, s.size > 0 ? s.sent / s.size : 0);
      return t("send_sending", size(s.sent), size(s.size)) + (left === null ? "" : ` · ${t("left", about(left))}`);
    }
    case "lost": return t("send_lost", t("percent", Math.floor((100 * s.sent) / s.size)));
    case "failed": return <span class="wrong">{s.why}</span>;
    case "taking": return t("send_taking");
    case "cut": return t("send_cut");
    default: return t("send_queued");
  }
}
