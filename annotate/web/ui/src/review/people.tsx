import { useEffect, useState } from "preact/hooks";
import { api, sayable, url, type Person } from "../api.ts";
import { swaps } from "../model.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { clock, seconds } from "../time.ts";
import { known, number, t } from "../words/index.ts";
import type { Desk } from "./desk.ts";
import { columns } from "./lanes/data.ts";

const doubtful = 0.75; // a guess that is less sure is asked about
const searched = 600; // seconds of the film in which a portrait is looked for

// People says who is who in the film, as the analysis guesses and a person corrects.
export function People({ desk }: { desk: Desk }) {
  const [open, unfold] = useState(false);
  const id = desk.player.recording.value;
  const people = desk.open.proposed.value[id]?.people ?? [];
  const f = desk.open.review.facts.value;
  const said = (p: Person): boolean => f[`person/${id}.${p.id}`] !== undefined;
  const doubt = people.some((p) => !said(p) && p.role_confidence < doubtful);
  if (people.length === 0) return null;
  const here = swaps(f).filter((x) => x.recording === id);
  return (
    <details class="people panel" onToggle={(e) => unfold(e.currentTarget.open)}>
      <summary>
        <Icon name="users" />
        <strong>{t("people")}</strong>
        <span class="soft grow">{people.map((p) => known(`role_${desk.role(id, p.id, -1)}`, "")).join(", ")}</span>
        {doubt && <span class="chip ask">{t("people_check")}</span>}
      </summary>
      {open && <ul>{people.map((p) => <Somebody key={p.id} desk={desk} id={id} person={p} said={said(p)} />)}</ul>}
      {open && people.length > 1 && <Swaps desk={desk} id={id} people={people} here={here} />}
    </details>
  );
}

function Somebody({ desk, id, person, said }: { desk: Desk; id: string; person: Person; said: boolean }) {
  const now = desk.role(id, person.id, -1);
  return (
    <li>
      <Portrait desk={desk} id={id} person={person} />
      <div class="grow">
        <div class="row tight roles" role="group" aria-label={t("who_is", known(`role_${now}`, person.id))}>
          {sayable.map((r) => (
            <Button key={r} class={`role-${r}`} pressed={now === r} onClick={() => desk.call(id, person.id, r)}>{t(`role_${r}`)}</Button>
          ))}
        </div>
        <p class="small">{said ? t("role_said") : t("role_guess", number(100 * person.role_confidence))}</p>
      </div>
    </li>
  );
}

// Portrait is a cut of a picture in which somebody is seen well.
function Portrait({ desk, id, person }: { desk: Desk; id: string; person: Person }) {
  const [at, set] = useState<{ s: number; x: number; y: number; width: number } | null>(null);
  const people = desk.open.proposed.value[id]?.people ?? [];
  useEffect(() => {
    const column = [...columns(people)].find(([, p]) => p === person.id)?.[0];
    const video = desk.open.recording(id)?.recording?.video;
    if (!column || !video) return;
    let over = false;
    api.signals(id, ["x", "y", "width"].map((what) => `${column}_${what}`), 0, searched).then((s) => {
      const [x, y, width] = ["x", "y", "width"].map((what) => s?.series[`${column}_${what}`] ?? []);
      let best = -1;
      for (let i = 0; i < width!.length; i++) if ((width![i] ?? 0) > (width![best] ?? 0)) best = i;
      if (!over && s && best >= 0) set({ s: s.time_s[best]!, x: x![best]!, y: (y![best]! * video.height) / video.width, width: width![best]! / video.width });
    }, () => undefined);
    return () => void (over = true);
  }, [id, person.id]);
  if (!at) return <span class="portrait" aria-hidden="true"><Icon name="users" /></span>;
  const zoom = Math.min(6, Math.max(1, 0.5 / at.width));
  return (
    <span class="portrait">
      <img src={url.thumbnail(id, at.s, 640)} alt={t("portrait")} style={{ width: `${zoom * 100}%`, left: `${50 - at.x * zoom * 100}%`, top: `${50 - at.y * zoom * 100}%` }} />
    </span>
  );
}

function Swaps({ desk, id, people, here }: { desk: Desk; id: string; people: Person[]; here: ReturnType<typeof swaps> }) {
  const [a, b] = [people.find((p) => desk.role(id, p.id, desk.player.now.value) === "parent") ?? people[0]!, people.find((p) => desk.role(id, p.id, desk.player.now.value) === "child") ?? people[1]!];
  return (
    <div class="swaps">
      <Button icon="swap" disabled={!desk.ready(id) || a === b} onClick={() => desk.swap(id, a.id, b.id)}>{t("swap_here")}</Button>
      {here.map((x) => (
        <span class="chip" key={x.entity}>
          <button type="button" class="plain" onClick={() => desk.player.seekS(seconds(x.at))}>{t("swap_from", clock(seconds(x.at)))}</button>
          <button type="button" class="plain" aria-label={t("swap_undo", clock(seconds(x.at)))} onClick={() => desk.open.review.remove(x.entity)}><Icon name="x" /></button>
        </span>
      ))}
    </div>
  );
}
