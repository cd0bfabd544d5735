import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

const rest = 500; // ms without a key after which what is written is kept

// useWriting holds a text while a person writes it, and has it kept each time that they
// rest, and when they leave. begin is called at the first key: what it gives keeps the
// text, and remembers what was there then, so that what another writes meanwhile is
// neither shown under the pen nor written over in silence.
export function useWriting(now: string, begin: () => (text: string) => void) {
  const held = useSignal<{ text: string; keep: (text: string) => void } | null>(null); // what is not kept yet
  const timer = useRef(0);
  const keep = (): void => {
    clearTimeout(timer.current);
    const was = held.peek();
    held.value = null;
    was?.keep(was.text);
  };
  useEffect(() => {
    addEventListener("pagehide", keep);
    return () => {
      removeEventListener("pagehide", keep);
      keep();
    };
  }, []);
  const write = (text: string): void => {
    held.value = { text, keep: held.peek()?.keep ?? begin() };
    clearTimeout(timer.current);
    timer.current = window.setTimeout(keep, rest);
  };
  return { text: held.value?.text ?? now, write, keep };
}
