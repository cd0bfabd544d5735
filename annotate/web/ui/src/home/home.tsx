import "./home.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { url } from "../api.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Top } from "../parts/top.tsx";
import { titled } from "../title.ts";
import { day as dayText, t } from "../words/index.ts";
import { accepted, sendings } from "./sending.ts";
import { dayOf, days, Shelf, type Sitting } from "./shelf.ts";
import { Visit } from "./visit.tsx";

const shelf = new Shelf();
const most = 20; // visits that are shown at first

// Home is where films come in, and where a practitioner finds those of each visit.
export function Home() {
  titled(t("home_title"));
  useEffect(() => shelf.open(), []);
  const [shown, show] = useState(most);
  const over = useDrop();
  const sent = sendings();
  const all = withSent(shelf.sittings.value);
  const none = shelf.loaded.value && all.length === 0;
  return (
    <>
      <Top><a class="button quiet" href="/service" aria-label={t("service")} title={t("service")}><Icon name="server" /><span>{t("service")}</span></a></Top>
      <div class="notices" aria-live="polite">
        {shelf.away.value && shelf.loaded.value && <div class="notice warn"><Icon name="warning" /><span class="grow">{t("home_away")}</span></div>}
        {sent.trouble.value && <Trouble text={sent.trouble.value} close={() => (sent.trouble.value = "")} />}
        {shelf.trouble.value && <Trouble text={shelf.trouble.value} close={() => (shelf.trouble.value = "")} />}
        {sent.all.value.filter((s) => s.twice && shelf.recordings.value.has(s.recording)).map((s) => (
          <div key={s.id} class="notice"><Icon name="film" /><span class="grow">{t("send_twice", s.name)}</span>
            <a class="button" href={url.review(shelf.recordings.value.get(s.recording)!.visit)}>{t("home_open")}</a>
            <Button icon="x" kind="quiet" label={t("close")} onClick={() => sent.drop(s.id)} /></div>
        ))}
      </div>
      <main id="content" class="content home" tabIndex={-1}>
        <h1 class={none ? "aside" : ""}>{t("home_title")}</h1>
        <DropZone over={over === ""} large={none} />
        {!shelf.loaded.value && <p class="soft" role="status">{t("loading")}</p>}
        {days(all.slice(0, shown)).map((d) => (
          <section key={d.day} class="day" aria-label={named(d.day)}>
            <h2>{named(d.day)}</h2>
            {d.sittings.map((s) => <Visit key={s.id} sitting={s} shelf={shelf} over={over === s.id} first={s === all[0]} />)}
          </section>
        ))}
        {all.length > shown && <p class="row centre"><Button onClick={() => show(shown + most)}>{t("home_earlier")}</Button></p>}
      </main>
    </>
  );
}

const Trouble = ({ text, close }: { text: string; close: () => void }) => (
  <div class="notice bad" role="alert"><Icon name="warning" /><span class="grow">{text}</span><Button icon="x" kind="quiet" label={t("close")} onClick={close} /></div>
);

function named(day: string): string {
  const now = new Date();
  if (day === dayOf(now)) return t("home_today");
  if (day === dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1))) return t("home_yesterday");
  return dayText(day);
}

// withSent adds visits of which nothing has arrived yet.
function withSent(all: Sitting[]): Sitting[] {
  const known = new Set(all.map((s) => s.id));
  const fresh = new Set(sendings().all.value.filter((s) => s.state !== "done" && !known.has(s.visit)).map((s) => s.visit));
  return [...[...fresh].map((id) => ({ id, began: new Date().toISOString(), recordings: [] })), ...all];
}

function DropZone({ over, large }: { over: boolean; large: boolean }) {
  const chooser = useRef<HTMLInputElement>(null);
  const touch = matchMedia("(pointer: coarse)").matches;
  return (
    <div class={`drop ${over ? "over" : ""} ${large ? "large" : ""}`} onClick={(e) => (e.target as Element).closest("button, input") ?? chooser.current!.click()}>
      <Icon name="upload" />
      <div class="grow">
        <h2>{over ? t("home_release") : touch ? t("home_drop_touch") : t("home_drop")}</h2>
        {large && <p class="pitch">{t("home_first")}</p>}
        <p class="soft">{t("home_drop_more")} {large && t("home_watched")}</p>
      </div>
      <Button {...(large ? { kind: "primary" as const } : {})} icon="plus" onClick={() => chooser.current!.click()}>{t("home_choose")}</Button>
      <FileChooser at={chooser} chosen={(files) => void sendings().send(files)} />
    </div>
  );
}

// FileChooser opens what the system has to choose films with.
export function FileChooser({ at, chosen, one }: { at: { current: HTMLInputElement | null }; chosen: (files: File[]) => void; one?: boolean }) {
  return (
    <input ref={at} class="chooser" type="file" accept={accepted} multiple={!one} hidden aria-label={t("home_choose")} onChange={(e) => {
      const files = [...(e.currentTarget.files ?? [])];
      e.currentTarget.value = "";
      if (files.length > 0) chosen(files);
    }} />
  );
}

// useDrop takes in films that are dropped anywhere on the page, and tells where they
// would go: to a visit, "" to a new one; null: nothing is dragged.
function useDrop(): string | null {
  const [over, set] = useState<string | null>(null);
  useEffect(() => {
    const ours = (e: DragEvent): boolean => e.dataTransfer?.types.includes("Files") ?? false;
    const goal = (e: DragEvent): string => (e.target as Element | null)?.closest?.("[data-visit]")?.getAttribute("data-visit") ?? "";
    const on = (e: DragEvent): void => {
      if (!ours(e)) return;
      e.preventDefault();
      e.dataTransfer!.dropEffect = "copy";
      set(goal(e));
    };
    const off = (e: DragEvent): void => {
      if (e.relatedTarget === null) set(null);
    };
    const drop = (e: DragEvent): void => {
      if (!ours(e)) return;
      e.preventDefault();
      set(null);
      void sendings().send([...e.dataTransfer!.files], goal(e));
    };
    document.addEventListener("dragover", on);
    document.addEventListener("dragleave", off);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragover", on);
      document.removeEventListener("dragleave", off);
      document.removeEventListener("drop", drop);
    };
  }, []);
  return over;
}
