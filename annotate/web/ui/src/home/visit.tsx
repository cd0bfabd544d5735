import { useRef } from "preact/hooks";
import { url } from "../api.ts";
import { durationS } from "../model.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { clockTime, count, lengthOf, t } from "../words/index.ts";
import { Film, Sent } from "./film.tsx";
import { FileChooser } from "./home.tsx";
import { sendings } from "./sending.ts";
import type { Shelf, Sitting } from "./shelf.ts";

// Visit is one in the list: its films, those that are still on their way, and the way
// to its review.
export function Visit({ sitting, shelf, over, first }: { sitting: Sitting; shelf: Shelf; over: boolean; first: boolean }) {
  const chooser = useRef<HTMLInputElement>(null);
  const coming = sendings().of(sitting.id);
  const films = sitting.recordings;
  const working = films.some((r) => r.state === "working");
  const name = films.length > 0 ? t("home_visit", clockTime(sitting.began)) : t("home_visit_new");
  const long = films.reduce((sum, r) => sum + durationS(r), 0);
  return (
    <article class={`panel visit ${over ? "over" : ""}`} data-visit={sitting.id} aria-label={name}>
      <header>
        <div class="grow">
          <h3>{films.length > 0 ? <a href={url.review(sitting.id)}>{name}</a> : name}</h3>
          <p class="soft small">{over ? t("home_release_here") : films.length > 0 && [count("film", films.length), ...(long > 0 ? [lengthOf(long)] : [])].join(", ")}</p>
        </div>
        <Button kind="quiet" icon="plus" onClick={() => chooser.current!.click()}>{t("home_add")}</Button>
        {films.length > 0 && (
          <a class={`button ${first ? "primary" : ""} to-review`} href={url.review(sitting.id)} aria-label={`${t(working ? "home_start" : "home_open")}, ${name}`}>
            <Icon name="clapperboard" /><span>{t(working ? "home_start" : "home_open")}</span>
          </a>
        )}
        <FileChooser at={chooser} chosen={(files) => void sendings().send(files, sitting.id)} />
      </header>
      {first && working && <p class="goes">{t("home_goes")}</p>}
      <ul>
        {films.map((r) => <Film key={r.id} film={r} shelf={shelf} />)}
        {coming.map((s) => <Sent key={s.id} sending={s} />)}
      </ul>
    </article>
  );
}
