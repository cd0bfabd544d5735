import { useEffect } from "preact/hooks";

// titled names the page in the browser's tab and to who hears it.
export function titled(name: string): void {
  useEffect(() => {
    document.title = name ? `${name} · dyade` : "dyade";
  }, [name]);
}
