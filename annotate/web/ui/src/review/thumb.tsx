import { useEffect, useRef, useState } from "preact/hooks";

// A browser has few connections to one server: pictures of a long list would keep what a
// person does waiting. They are asked for when they are seen, two at a time.

interface Asker {
  load(): void;
}

const most = 2;
const waiting = new Set<Asker>();
const loading = new Set<Asker>();

function next(): void {
  for (const a of waiting) {
    if (loading.size >= most) return;
    waiting.delete(a);
    loading.add(a);
    a.load();
  }
}

function done(a: Asker): void {
  waiting.delete(a);
  if (loading.delete(a)) next();
}

const seen = new WeakMap<Element, (is: boolean) => void>();
const watch = new IntersectionObserver((all) => all.forEach((e) => seen.get(e.target)?.(e.isIntersecting)), { rootMargin: "120px" });

const again = 1500; // ms until a server that had no time is asked once more
const tries = 5;

// Thumb is a small picture of a film.
export function Thumb({ address }: { address: string }) {
  const at = useRef<HTMLSpanElement>(null);
  const [src, set] = useState("");
  const job = useRef({ load: () => undefined, failed: 0, timer: 0, come: false } as Asker & { failed: number; timer: number; come: boolean });
  useEffect(() => {
    const [place, j] = [at.current!, job.current];
    j.come = false;
    j.load = () => set(`${address}${j.failed > 0 ? `&again=${j.failed}` : ""}`);
    const ask = (is: boolean): void => {
      if (j.come) return;
      if (is) waiting.add(j);
      else waiting.delete(j);
      next();
    };
    seen.set(place, ask);
    watch.observe(place);
    return () => {
      clearTimeout(j.timer);
      watch.unobserve(place);
      done(j);
    };
  }, [address]);
  const ended = (good: boolean): void => {
    const j = job.current;
    j.come = good || ++j.failed > tries;
    done(j);
    if (!j.come) j.timer = window.setTimeout(() => (waiting.add(j), next()), again * j.failed);
  };
  return <span ref={at} class="thumb">{src && <img src={src} alt="" decoding="async" onLoad={() => ended(true)} onError={() => ended(false)} />}</span>;
}
