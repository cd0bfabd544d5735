import "./design/tokens.css";
import "./design/base.css";
import { render } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { Home } from "./home/home.tsx";
import { LabelPage } from "./label/label.tsx";
import { outbox } from "./outbox.ts";
import { Parent } from "./parent/parent.tsx";
import { arrive, follow, place } from "./place.ts";
import { Notices } from "./parts/notices.tsx";
import { Top } from "./parts/top.tsx";
import { ReportPage } from "./report/report.tsx";
import { ReviewPage } from "./review/review.tsx";
import { setTheme, theme } from "./theme.ts";
import { Open } from "./visit.ts";
import { start, t } from "./words/index.ts";

const pages = { review: ReviewPage, parent: Parent, report: ReportPage };

// Visit opens a visit, and keeps it open while the reader goes between its pages.
function Visit({ id, page }: { id: string; page: keyof typeof pages }) {
  const open = useMemo(() => new Open(id), [id]);
  useEffect(() => {
    void open.open();
    return () => open.close();
  }, [open]);
  const there = open.visit.value !== null;
  useEffect(arrive, [there, open.gone.value, page]);
  if (open.gone.value) return <Missing />;
  if (!there) return <><Top /><Notices review={open.review} /><main id="content" class="content" aria-busy="true"><p class="soft">{t("loading")}</p></main></>;
  const Page = pages[page];
  return <Page open={open} />;
}

const Missing = () => (
  <><Top /><main id="content" class="content" tabIndex={-1}><h1>{t("missing")}</h1><p><a href="/">{t("home")}</a></p></main></>
);

function App() {
  const at = place.value;
  useEffect(arrive, [at]);
  if (at.page === "home") return <Home />;
  if (at.page === "label") return <LabelPage />;
  if (at.page === "missing") return <Missing />;
  return <Visit key={at.visit} id={at.visit} page={at.page} />;
}

// A file that is dropped beside what takes it in is not to be opened in place of the page.
for (const name of ["dragover", "drop"] as const) addEventListener(name, (e) => e.dataTransfer?.types.includes("Files") && e.preventDefault());

start();
setTheme(theme.peek());
follow();
if (place.peek().page !== "label") outbox.send(); // whose server knows no visits
render(<App />, document.getElementById("app")!);
