import { useEffect, useRef, useState } from "preact/hooks";
import type { Recording } from "../api.ts";
import { count, lengthOf, number, t } from "../words/index.ts";
import type { Open } from "../visit.ts";

// Left guesses how long an analysis still takes, by how far it has come since it is
// watched.
function useLeft(share: number): number | null {
  const first = useRef<{ at: number; share: number } | null>(null);
  const [left, set] = useState<number | null>(null);
  useEffect(() => {
    const now = performance.now() / 1000;
    first.current ??= { at: now, share };
    const done = share - first.current.share;
    const took = now - first.current.at;
    set(done > 0.05 && took > 2 ? Math.max(1, ((1 - share) / done) * took) : null);
  }, [share]);
  return left;
}

const shareOf = (r: Recording): number => (r.state === "working" ? (r.steps > 0 ? r.steps_done / r.steps : 0) : 1);

// Progress says how far the analysis is, and what it has found so far.
export function Progress({ open }: { open: Open }) {
  const all = open.recordings.value;
  const working = all.some((r) => r.state === "working");
  const share = all.length > 0 ? all.reduce((sum, r) => sum + shareOf(r), 0) / all.length : 0;
  const left = useLeft(share);
  const most = useRef(0);
  most.current = Math.max(most.current, share);
  if (!working) return null;
  const found = open.proposals.value.length;
  return (
    <div class="progress" role="status" aria-live="off">
      <span>{left === null ? t("analysis", number(100 * most.current)) : t("analysis_left", number(100 * most.current), lengthOf(left))}</span>
      {found > 0 && <b>{count("moments_already", found)}</b>}
      <progress max={1} value={most.current} aria-label={t("analysis", number(100 * most.current))} />
    </div>
  );
}
