import { useEffect, useRef, useState } from "preact/hooks";
import { Turns } from "./turns.ts";

const turns = new Turns(2);
const tries = 5;
const pause = 1500; // ms, longer each time

// Thumb is a still of a film. It is asked for in its turn once it is near what is seen,
// or at once where that does not matter; a server that has no time for it is asked again.
export function Thumb({ address, eager, gone }: { address: string; eager?: boolean; gone?: () => void }) {
  const at = useRef<HTMLImageElement>(null);
  const over = useRef<() => void>(() => undefined);
  const [near, come] = useState(eager ?? false);
  const [tried, again] = useState(0);
  const [src, ask] = useState("");
  const [there, arrive] = useState(false);
  useEffect(() => near ? undefined : whenNear(at.current!, () => come(true)), []);
  useEffect(() => {
    if (!near) return;
    const mine = turns.take(() => ask(address));
    over.current = mine;
    return mine;
  }, [near, tried, address]);
  const failed = (): void => {
    over.current();
    ask("");
    if (tried + 1 >= tries) gone?.();
    else setTimeout(() => again(tried + 1), pause * (tried + 1));
  };
  const loaded = (): void => {
    over.current();
    arrive(true);
  };
  return <img ref={at} class={there ? "" : "coming"} {...(src ? { src } : {})} alt="" decoding="async" draggable={false} onLoad={loaded} onError={failed} />;
}

const soon = new WeakMap<Element, () => void>();
let watch: IntersectionObserver | null = null;

// whenNear calls once a thing is, or nearly is, in sight.
function whenNear(thing: Element, then: () => void): () => void {
  watch ??= new IntersectionObserver((seen) => {
    for (const s of seen) {
      if (!s.isIntersecting) continue;
      watch!.unobserve(s.target);
      soon.get(s.target)?.();
    }
  }, { rootMargin: "200px" });
  soon.set(thing, then);
  watch.observe(thing);
  return () => watch!.unobserve(thing);
}
