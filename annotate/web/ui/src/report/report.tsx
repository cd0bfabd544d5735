import { Top } from "../parts/top.tsx";
import type { Open } from "../visit.ts";

export function ReportPage({ open }: { open: Open }) {
  return <><Top /><main id="content" class="content" tabIndex={-1}><h1>{open.id}</h1></main></>;
}
