import { signal } from "@preact/signals";
import { lasting } from "./keeper.ts";

export type Theme = "auto" | "light" | "dark";

const keeper = "dyade.theme";

export const theme = signal<Theme>((lasting.get(keeper) as Theme | null) ?? "auto");

export function setTheme(to: Theme): void {
  theme.value = to;
  if (to === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = to;
  lasting.set(keeper, to);
}
