import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../words/index.ts";
import { Button } from "./button.tsx";

// Dialog is shown above all else until it is closed.
export function Dialog({ title, close, children, wide }: { title: string; close: () => void; children: ComponentChildren; wide?: boolean }) {
  const at = useRef<HTMLDialogElement>(null);
  useEffect(() => at.current?.showModal(), []);
  return (
    <dialog ref={at} class={wide ? "wide" : ""} aria-label={title} onClose={close} onClick={(e) => e.target === at.current && close()}>
      <header>
        <h2>{title}</h2>
        <Button icon="x" kind="quiet" label={t("close")} onClick={close} />
      </header>
      <div class="inside">{children}</div>
    </dialog>
  );
}
