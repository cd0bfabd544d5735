import { computed, signal } from "@preact/signals";
import { api, Refused, type Label, type Labelled } from "../api.ts";
import { why, type Away } from "../edits.ts";
import { lasting, read as recall } from "../keeper.ts";
import { told as toldWhy } from "../words/told.ts";
import { blank, grow, read, told, tracks, type Sheet } from "./sheet.ts";

// A notebook is the sheet of a film, kept by the server as it is filled. What the server
// does not have yet lies in the browser: a reload, or a server that was killed, loses
// nothing.

const again = [500, 1000, 2000, 5000]; // ms until what was not answered is sent again
const rest = 1000; // ms after which what has grown is sent

// Left is what an earlier page could not send.
interface Left {
  mark: string;
  labels: Record<string, Label[]>;
}

export class Notebook {
  readonly sheet = signal<Sheet>(blank);
  readonly undoable = computed(() => this.before.value.length > 0);
  readonly redoable = computed(() => this.after.value.length > 0);
  readonly saved = signal(true);
  readonly away = signal<Away>(""); // why nothing can be kept now
  readonly refused = signal(""); // what the server says is in the way
  readonly clash = signal(false); // another page has changed the same labels

  private readonly before = signal<Sheet[]>([]);
  private readonly after = signal<Sheet[]>([]);
  private mark = "";
  private place = ""; // under which the browser keeps what is not sent
  private sent = ""; // what the server has, as text
  private sending = false;
  private failures = 0;
  private timer = 0;

  // open takes what the server has, and what is left of an earlier page.
  open(doc: Labelled): void {
    this.place = `dyade.labels.${doc.dir}/${doc.film.name}`;
    this.take(doc);
    const left = recall<Left | null>(lasting, this.place, null);
    if (!left) return;
    this.sheet.value = read(left.labels);
    this.mark = left.mark;
    this.send();
  }

  private take(doc: Labelled): void {
    this.mark = doc.mark;
    this.sheet.value = read(doc.labels);
    this.sent = JSON.stringify(told(this.sheet.peek()));
    this.saved.value = true;
  }

  // do changes the sheet, so that it can be undone.
  do(next: Sheet): void {
    const now = this.sheet.peek();
    if (next === now) return;
    this.before.value = [...this.before.peek().slice(-most), now];
    this.after.value = [];
    this.sheet.value = next;
    this.send();
  }

  undo(): void {
    this.turn(this.before, this.after);
  }

  redo(): void {
    this.turn(this.after, this.before);
  }

  private turn(from: typeof this.before, to: typeof this.before): void {
    const next = from.peek().at(-1);
    if (!next) return;
    from.value = from.peek().slice(0, -1);
    to.value = [...to.peek(), this.sheet.peek()];
    this.sheet.value = next;
    this.send();
  }

  // grow has what goes on reach to a time; that is no step to be undone.
  grow(s: number): void {
    const now = this.sheet.peek();
    let next = now;
    for (const t of tracks) {
      const marks = grow(t, now[t.name], s);
      if (marks !== now[t.name]) next = { ...next, [t.name]: marks };
    }
    if (next === now) return;
    this.sheet.value = next;
    this.remember();
    this.later(rest);
  }

  private later(ms: number): void {
    if (this.timer) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.send();
    }, ms);
  }

  // remember keeps in the browser what the server does not have.
  private remember(): void {
    const labels = told(this.sheet.peek());
    this.saved.value = JSON.stringify(labels) === this.sent;
    if (this.saved.peek()) lasting.remove(this.place);
    else lasting.set(this.place, JSON.stringify({ mark: this.mark, labels } satisfies Left));
  }

  // send has the server keep what it does not have, now.
  send(): void {
    this.remember();
    if (this.sending || this.clash.peek() || this.saved.peek()) return;
    this.sending = true;
    void this.sendAll().finally(() => {
      this.sending = false;
    });
  }

  private async sendAll(): Promise<void> {
    while (!this.saved.peek() && !this.clash.peek()) {
      const labels = told(this.sheet.peek());
      try {
        this.mark = (await api.keepLabels(this.mark, labels)).mark;
        this.sent = JSON.stringify(labels);
        this.failures = 0;
        this.away.value = "";
        this.refused.value = "";
        this.remember();
      } catch (e) {
        return this.failed(e);
      }
    }
  }

  private failed(e: unknown): void {
    if (e instanceof Refused && e.status === 409) {
      this.clash.value = true;
      return;
    }
    const said = e instanceof Refused && e.status !== 401 && e.status !== 403;
    this.away.value = said ? "" : why(e);
    this.refused.value = said ? toldWhy(e) : "";
    this.later(again[Math.min(this.failures++, again.length - 1)]!);
  }

  // settle ends a clash with one's own labels, or with those of the other page.
  async settle(mine: boolean): Promise<void> {
    try {
      const doc = await api.labelled();
      if (mine) this.mark = doc.mark;
      else this.take(doc);
    } catch (e) {
      return this.failed(e);
    }
    if (!mine) [this.before.value, this.after.value] = [[], []];
    this.clash.value = false;
    this.send();
  }
}

const most = 1000; // steps that can be undone
