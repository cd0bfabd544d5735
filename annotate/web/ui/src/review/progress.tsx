import { useMemo, useRef } from "preact/hooks";
import type { Recording } from "../api.ts";
import { Pace } from "../parts/pace.ts";
import type { Open } from "../visit.ts";
import { about, count, number, t } from "../words/index.ts";

// Until the first moments are known most of the steps are not: what is done of those that
// are known is little of it all.
const first = 0.3;

function shareOf(r: Recording): number {
  if (r.state !== "working") return 1;
  const share = r.steps > 0 ? r.steps_done / r.steps : 0;
  return r.ranking ? first + (1 - first) * share : first * share;
}

// Progress says how far the analysis of a visit's films is, and what it has found so far.
export function Progress({ open }: { open: Open }) {
  const all = open.recordings.value;
  const pace = useMemo(() => new Pace(), [open]);
  const most = useRef(0); // it is never told to be less far: more to do may come to be known
  const share = all.length > 0 ? all.reduce((sum, r) => sum + shareOf(r), 0) / all.length : 0;
  most.current = Math.max(most.current, share);
  if (!all.some((r) => r.state === "working")) return null;
  const far = number(Math.floor(100 * most.current));
  const left = pace.left(open.id, most.current);
  const found = open.proposals.value.length;
  return (
    <div class="progress" role="status" aria-live="off">
      <span>{left === null ? t("analysis", far) : t("analysis_left", far, about(left))}</span>
      {found > 0 && <b>{count("moments_already", found)}</b>}
      <progress max={1} value={most.current} aria-label={t("analysis", far)} />
    </div>
  );
}
