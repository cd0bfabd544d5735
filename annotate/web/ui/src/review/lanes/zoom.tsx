import { useRef } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { clock } from "../../time.ts";
import { t } from "../../words/index.ts";
import type { Timed } from "../timed.ts";

// Zoom scrolls and zooms: a bar as wide as what is shown, on all of the film.
export function Zoom({ desk }: { desk: Timed }) {
  const bar = useRef<HTMLDivElement>(null);
  const { from, to } = desk.view.value;
  const all = desk.length;
  const whole = to === 0;
  const drag = (e: PointerEvent): void => {
    if (!(e.buttons & 1) || whole) return;
    const r = bar.current!.getBoundingClientRect();
    desk.scroll(((e.clientX - r.left) / r.width) * all - (from + to) / 2);
  };
  return (
    <div class="row tight zoom">
      <div class="bar" ref={bar} role="scrollbar" aria-label={t("lanes_scroll")} aria-controls="lanes" aria-orientation="horizontal" aria-valuemin={0} aria-valuemax={Math.round(all)}
        aria-valuenow={Math.round(whole ? 0 : from)} aria-valuetext={t("from_to", clock(whole ? 0 : from), clock(whole ? all : to))} hidden={whole}
        onPointerDown={(e) => { bar.current!.setPointerCapture(e.pointerId); drag(e); }} onPointerMove={drag}>
        <i style={{ left: `${(whole ? 0 : from / all) * 100}%`, width: `${(whole ? 1 : (to - from) / all) * 100}%` }} />
      </div>
      <Button icon="zoomOut" action="zoomOut" kind="quiet" label={t("action_zoomOut")} disabled={whole} onClick={() => desk.zoom(2)} />
      <Button icon="zoomIn" action="zoomIn" kind="quiet" label={t("action_zoomIn")} onClick={() => desk.zoom(0.5)} />
    </div>
  );
}
