import { useEffect, useState } from "preact/hooks";
import { api, sayable, type Signals } from "../api.ts";
import { Button } from "../parts/button.tsx";
import { known, t } from "../words/index.ts";
import type { Desk } from "./desk.ts";
import { columns, type Column } from "./lanes/data.ts";

// Face is where somebody's face is in the picture, in shares of it.
interface Face {
  column: Column;
  person: string;
  x: number;
  top: number;
}

const page = 20; // seconds of places that are asked for at once
const places = new Map<string, Promise<Signals | null>>();

function around(id: string, of: readonly Column[], s: number): Promise<Signals | null> {
  const from = Math.floor(s / page) * page;
  const key = `${id} ${of.join()} ${from}`;
  let asked = places.get(key);
  if (!asked) {
    asked = api.signals(id, of.flatMap((c) => [`${c}_x`, `${c}_y`, `${c}_width`]), from, from + page);
    asked.catch(() => places.delete(key));
    places.set(key, asked);
  }
  return asked;
}

async function find(desk: Desk, id: string, s: number): Promise<Face[]> {
  const p = desk.open.proposed.peek()[id];
  const video = desk.open.recording(id)?.recording?.video;
  const of = columns(p?.people ?? []);
  if (!p?.final || !video || of.size === 0) return [];
  const got = await around(id, [...of.keys()], s);
  if (!got || got.time_s.length === 0) return [];
  const i = Math.min(got.time_s.length - 1, Math.max(0, Math.round((s - got.time_s[0]!) * 10)));
  return [...of].flatMap(([column, person]) => {
    const [x, y, width] = ["x", "y", "width"].map((what) => got.series[`${column}_${what}`]?.[i] ?? null);
    if (x == null || y == null || width == null) return [];
    return [{ column, person, x, top: Math.max(0.01, y - (width * 0.75) / video.height) }];
  });
}

// Faces names the people in the picture while it stands still. Pressing a name corrects it.
export function Faces({ desk }: { desk: Desk }) {
  const [faces, set] = useState<Face[]>([]);
  const [open, unfold] = useState("");
  const p = desk.player;
  const still = p.pace.value === 0 && p.wish.value === null;
  const s = still ? p.now.value : -1;
  const id = p.recording.value;
  const final = desk.open.proposed.value[id]?.final;
  useEffect(() => {
    unfold("");
    set([]);
    if (s < 0) return;
    let over = false;
    const rest = setTimeout(() => find(desk, id, s).then((f) => over || set(f), () => undefined), settled);
    return () => {
      over = true;
      clearTimeout(rest);
    };
  }, [s, id, final]);
  if (!still) return null;
  return (
    <>
      {faces.map((f) => {
        const role = desk.role(id, f.person, s);
        return (
          <div key={f.person} class="named" style={{ left: `${f.x * 100}%`, top: `${f.top * 100}%` }} onClick={(e) => e.stopPropagation()}>
            <button type="button" class={`who role-${role}`} aria-expanded={open === f.person} aria-label={t("who_is", known(`role_${role}`, ""))} onClick={() => unfold(open === f.person ? "" : f.person)}>
              {known(`role_${role}`, "")}
            </button>
            {open === f.person && <Choices desk={desk} person={f.person} id={id} close={() => unfold("")} />}
          </div>
        );
      })}
    </>
  );
}

const settled = 120; // ms that a frame is looked at before names are asked for

function Choices({ desk, person, id, close }: { desk: Desk; person: string; id: string; close: () => void }) {
  const people = desk.open.proposed.value[id]?.people ?? [];
  const s = desk.player.now.value;
  const now = desk.role(id, person, s);
  const others = people.filter((p) => p.id !== person);
  const done = (f: () => void) => (): void => {
    f();
    close();
  };
  return (
    <div class="who-is panel" role="group" onKeyDown={(e) => e.key === "Escape" && close()}>
      {sayable.map((r) => (
        <Button key={r} kind="quiet" pressed={now === r} onClick={done(() => desk.call(id, person, r, s))}>{t(`role_${r}`)}</Button>
      ))}
      {others.map((o) => (
        <Button key={o.id} kind="quiet" icon="swap" disabled={!desk.ready(id)} onClick={done(() => desk.swap(id, person, o.id))}>
          {t("swap_with", known(`role_${desk.role(id, o.id, s)}`, o.id))}
        </Button>
      ))}
    </div>
  );
}
