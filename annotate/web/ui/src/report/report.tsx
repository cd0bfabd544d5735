import "./report.css";
import { url } from "../api.ts";
import { durationS, objectives, reelS, shownS, type Item, type Segment } from "../model.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Notices } from "../parts/notices.tsx";
import { Thumb } from "../parts/thumb.tsx";
import { Top } from "../parts/top.tsx";
import { precise, seconds } from "../time.ts";
import { titled } from "../title.ts";
import type { Open } from "../visit.ts";
import { count, day, known, lengthOf, number, t } from "../words/index.ts";

// ReportPage is a visit's review on paper: what was kept, and what is said of it.
export function ReportPage({ open }: { open: Open }) {
  const visit = open.visit.value!;
  const title = t("report_title", day(visit.day));
  const segments = open.views.segments.value;
  titled(title);
  return (
    <>
      <Top crumb={day(visit.day)} />
      <Notices review={open.review} trouble={open.trouble.value} />
      <main id="content" class="content report" tabIndex={-1}>
        <div class="row no-print">
          <a class="button" href={url.review(open.id)}><Icon name="arrowLeft" /><span>{t("report_back")}</span></a>
          <span class="grow" />
          <Button kind="primary" icon="printer" onClick={() => print()}>{t("report_print")}</Button>
        </div>
        <h1>{title}</h1>
        <Films open={open} />
        <section>
          <h2>{t("report_moments")}</h2>
          {segments.length === 0 && <p class="soft">{t("report_none")}</p>}
          <ol class="kept">{segments.map((s, i) => <Kept key={s.entity} open={open} segment={s} nth={i + 1} />)}</ol>
        </section>
        <Reel open={open} />
        <section class="how">
          <h2>{t("report_how")}</h2>
          <p>{t("report_how_tool")}</p>
          <p>{t("report_how_unknown")}</p>
        </section>
        <p class="print-only small">{t("report_made", day(new Date().toISOString()))}</p>
      </main>
    </>
  );
}

function Films({ open }: { open: Open }) {
  return (
    <section>
      <h2>{t("report_films")}</h2>
      <ul class="films">
        {open.recordings.value.map((r) => <li key={r.id}><bdi>{r.name}</bdi>{durationS(r) > 0 && <span class="soft numbers">{lengthOf(durationS(r))}</span>}</li>)}
      </ul>
    </section>
  );
}

const named = (s: Segment): string => known(`kind_${s.kind}`, s.kind);

// Kept is one segment, with all that a person said of it.
function Kept({ open, segment: s, nth }: { open: Open; segment: Segment; nth: number }) {
  const films = open.recordings.value;
  const from = seconds(s.start);
  const to = seconds(s.end);
  const at = s.freeze ? seconds(s.freeze.at) : (from + to) / 2;
  const objective = objectives.find((o) => o === s.objective);
  return (
    <li class="kept-part">
      <Thumb eager address={url.thumbnail(s.recording, at, 480)} />
      <div>
        <h3>{nth}. {named(s)}</h3>
        <p class="soft numbers">{films.length > 1 && `${open.recording(s.recording)?.name ?? ""}, `}{t("report_from", precise(from), precise(to))} ({lengthOf(to - from)})</p>
        <dl>
          {s.seen && <><dt>{t("report_seen")}</dt><dd dir="auto">{s.seen}</dd></>}
          {s.question && <><dt>{t("report_question")}</dt><dd dir="auto"><em>{t("quoted", s.question)}</em></dd></>}
          {objective && <><dt>{t("report_objective")}</dt><dd>{t(`objective_${objective}`)}</dd></>}
          {s.tags.length > 0 && <><dt>{t("report_tags")}</dt><dd dir="auto">{s.tags.join(", ")}</dd></>}
        </dl>
      </div>
    </li>
  );
}

// Reel is its parts in order, as the parent sees them.
function Reel({ open }: { open: Open }) {
  const all = open.views.items.value;
  if (all.length === 0) return null;
  let nth = 0;
  return (
    <section class="order">
      <h2>{t("report_reel")} <span class="soft">{t("report_reel_of", count("reel_part", open.views.segments.value.length), lengthOf(reelS(all)))}</span></h2>
      <table>
        <thead><tr><th scope="col">{t("report_part")}</th><th scope="col" class="end">{t("report_length")}</th></tr></thead>
        <tbody>
          {all.map((i) => (
            <tr key={i.card?.entity ?? i.segment!.entity}>
              <td>{i.card ? t("report_card", i.card.text) : `${++nth}. ${named(i.segment)}${extras(i)}`}</td>
              <td class="numbers end">{lengthOf(i.card ? i.card.seconds : shownS(i.segment))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

// extras are how a segment is shown otherwise than it was filmed.
function extras(i: Item): string {
  const s = i.segment;
  if (!s) return "";
  const all = [
    ...(s.slow ? [t("reel_slow", number(s.slow.rate, 2, 0))] : []),
    ...(s.freeze ? [t("reel_freeze", number(s.freeze.seconds, 1, 0))] : []),
    ...(s.caption && s.question ? [t("reel_caption")] : []),
  ];
  return all.length > 0 ? ` (${all.join(", ").toLocaleLowerCase()})` : "";
}
