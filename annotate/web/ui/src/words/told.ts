import { Refused } from "../api.ts";
import { t } from "./index.ts";

// told says in the reader's language why something did not work. What a server says
// itself is told only of what a person asked for and cannot have.
export function told(e: unknown): string {
  if (e instanceof TypeError || e instanceof DOMException) return t("told_away");
  if (!(e instanceof Refused)) return (e as Error).message;
  switch (e.status) {
    case 401: case 403: return t("send_key");
    case 404: return t("told_gone");
    case 429: case 503: return t("told_busy");
    case 507: return t("told_room");
  }
  return e.status >= 500 ? t("told_failed") : e.message;
}
