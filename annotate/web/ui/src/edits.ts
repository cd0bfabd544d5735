import { batch, computed, signal } from "@preact/signals";
import { api, Refused, url, type Change, type Edit, type Edited, type Facts, type ReelState, type ReviewDocument } from "./api.ts";
import { joint, met, without, type Clash } from "./clash.ts";
import { equal, facts } from "./facts.ts";
import { hear } from "./hear.ts";
import { lasting, read, type Keeper } from "./keeper.ts";
import type { Wanted } from "./model.ts";
import { ahead, counted, rebased, turn, unknown, type Stacks } from "./stacks.ts";
import { t } from "./words/index.ts";

// A review is facts, and edits that change them (decision 11). What a person does is
// seen at once, kept in the browser until the server has it, and sent until it
// answers: a reload, a second tab or a server that was killed loses nothing.

// Away is why the server takes nothing, by the word that says it: it does not answer, or
// it does not know this browser any more. Empty: it does.
export type Away = "" | "away" | "locked";

export type Server = Pick<typeof api, "review" | "edit">;

const again = [500, 1000, 2000, 5000]; // ms until what was not answered is sent again

export class Review {
  readonly pending = signal<Edit[]>([]); // not answered yet, oldest first
  readonly clashes = signal<Clash[]>([]);
  readonly saved = computed(() => this.pending.value.length === 0);
  readonly away = signal<Away>(""); // why what is done is not with the server yet
  readonly refused = signal(""); // what it said of the last edit that cannot be
  readonly gone = signal(false); // the visit was deleted
  readonly reel = signal<ReelState | null>(null);
  readonly said = signal<{ facts: Facts; place: number }>({ facts: {}, place: 0 }); // by the server
  // facts as the person sees them: the server's, and what is on its way from and to it.
  readonly facts = computed(() => this.ahead.value.facts);
  readonly undoable = computed(() => this.ahead.value.stacks.undo.length);
  readonly redoable = computed(() => this.ahead.value.stacks.redo.length);

  private readonly ahead = computed(() => {
    const f = this.answered.value.reduce((now, a) => facts.apply(now, a.changes), this.said.value.facts);
    return ahead(f, this.stacks.value, this.pending.value);
  });
  private readonly stacks = signal<Stacks>(unknown(0, 0)); // without what is pending
  private readonly sent = new Set<string>(); // edits, by this page
  private readonly answered = signal<Edited[]>([]); // done, after what was heard of, in order
  private sending: Promise<void> | null = null;
  private deaf: () => void = () => undefined; // ends listening
  private mark = ""; // of what was last asked for, in the journal
  private fresh = false; // what there is was just asked for
  private failures = 0;
  private timer = 0;
  private closed = false;

  constructor(
    readonly visit: string,
    readonly by: string,
    private readonly keeper: Keeper = lasting,
    private readonly server: Server = api,
  ) {
    this.kept();
  }

  // open asks for what there is, sends what an earlier page left, and listens.
  async open(): Promise<void> {
    this.closed = this.gone.value = false;
    this.reel.value = null;
    await this.load();
    this.away.value = "";
    this.fresh = true;
    if (this.closed) return;
    this.send();
    this.listen();
  }

  // close ends listening; what is to be sent still is.
  close(): void {
    this.closed = true;
    this.deaf();
  }

  // do changes facts. Fields that have the value already are left out.
  do(wanted: readonly Wanted[]): void {
    const now = this.facts.peek();
    const changes: Change[] = [];
    for (const c of wanted) {
      const there = facts.get(now, c.entity, c.field);
      if (!equal(there, c.to)) changes.push({ ...c, from: c.from === undefined ? there : c.from });
    }
    if (changes.length > 0) this.add({ id: crypto.randomUUID(), by: this.by, kind: "do", changes });
  }

  // remove takes an entity away.
  remove(entity: string): void {
    this.do(Object.keys(this.facts.peek()[entity] ?? {}).map((field) => ({ entity, field, to: null })));
  }

  undo(): void {
    this.back("undo");
  }

  redo(): void {
    this.back("redo");
  }

  // back takes an edit back, or does it again. Nobody does so blindly: while the server is
  // away, only what this page knows of.
  private back(kind: "undo" | "redo"): void {
    const all = this.ahead.peek().stacks[kind];
    if (all.length === 0) return;
    if (this.away.peek() && all.at(-1) === null) this.refused.value = t("undo_away");
    else this.add({ id: crypto.randomUUID(), by: this.by, kind });
  }

  // settle ends a clash with one's own version, with the other's, or with both texts.
  settle(clash: Clash, version: "mine" | "theirs" | "both"): void {
    this.hold(this.clashes.peek().filter((c) => c !== clash));
    if (version === "theirs") return;
    const edit = version === "both" ? joint(clash.edit, this.facts.peek()) : clash.edit;
    this.add({ ...edit, id: crypto.randomUUID(), force: true });
  }

  private add(edit: Edit): void {
    this.keep([...this.pending.peek(), edit]);
    this.send();
  }

  // What is pending lies in the browser under a name of this tab's own. What an earlier
  // page left is taken over; where that one still lives both send it, and the server
  // does it once.
  private kept(): void {
    const prefix = `dyade.pending.${this.visit}.`;
    const keys = this.keys(prefix);
    const left = keys.flatMap((key) => read<Edit[]>(this.keeper, key, []));
    this.key = prefix + crypto.randomUUID();
    this.keep(left.filter((e) => e?.id && e.kind));
    for (const key of keys) this.keeper.remove(key);
    this.clashes.value = this.keys(this.clashKey("")).flatMap((key) => read<Clash | []>(this.keeper, key, [])).filter((c) => c?.edit?.id && c.theirs);
  }

  private keys(prefix: string): string[] {
    return this.keeper.keys().filter((key) => key.startsWith(prefix));
  }

  private key = "";

  private keep(edits: Edit[]): void {
    this.pending.value = edits;
    if (edits.length === 0) this.keeper.remove(this.key);
    else this.keeper.set(this.key, JSON.stringify(edits));
  }

  private clashKey(edit: string): string {
    return `dyade.clash.${this.visit}.${edit}`;
  }

  // hold keeps clashes in the browser until a person has chosen.
  private hold(clashes: Clash[]): void {
    for (const c of this.clashes.peek()) if (!clashes.some((x) => x.edit.id === c.edit.id)) this.keeper.remove(this.clashKey(c.edit.id));
    for (const c of clashes) this.keeper.set(this.clashKey(c.edit.id), JSON.stringify(c));
    this.clashes.value = clashes;
  }

  // send sends what is pending, now.
  send(): void {
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
    });
  }

  private async sendAll(): Promise<void> {
    for (let edit = this.pending.peek()[0]; edit; edit = this.pending.peek()[0]) {
      try {
        this.sent.add(edit.id);
        this.take(edit, await this.server.edit(this.visit, edit));
      } catch (e) {
        if (!(await this.failed(edit, e))) return;
      }
    }
  }

  // take has an edit done. It is told of once more, among those of others; where that came
  // first, the answer says nothing new.
  private take(edit: Edit, done: Edited): void {
    this.failures = 0;
    batch(() => {
      this.away.value = "";
      if (done.place > this.said.peek().place) this.answered.value = [...this.answered.peek(), done];
      this.stacks.value = counted(turn(this.stacks.peek(), { kind: edit.kind, changes: done.changes }), done.undo, done.redo);
      this.keep(edit.kind === "do" ? this.others(edit) : rebased(this.others(edit), done.changes));
    });
  }

  // failed tells whether the next edit can be sent. What can never be is let go; all else
  // is kept until it is answered, whatever stands between the page and the server.
  private async failed(edit: Edit, e: unknown): Promise<boolean> {
    const status = e instanceof Refused ? e.status : 0;
    if (status === 409 || status === 400) {
      await this.reload().catch(() => undefined);
      if (!this.gone.peek()) batch(() => this.lose(edit, e as Refused));
      return true;
    }
    if (status === 404) await this.reload().catch(() => undefined);
    if (this.gone.peek()) return false;
    this.away.value = why(e);
    const wait = again[Math.min(this.failures++, again.length - 1)]!;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.send(), wait);
    return false;
  }

  // lose takes an edit out that was refused. Where another's was in the way, both versions
  // stay until a person has chosen, unless both wanted the same, or it was taken back.
  private lose(edit: Edit, { status, message, conflicts }: Refused): void {
    const { rest, undone } = without(edit, this.others(edit));
    const wanted = edit.changes?.some((c) => !equal(facts.get(this.said.peek().facts, c.entity, c.field), c.to)) ?? true;
    if (conflicts.length > 0 && wanted && !undone) this.hold(met(this.clashes.peek(), edit, conflicts));
    else if (status === 400 && !undone) this.refused.value = message;
    this.keep(rest);
  }

  private others(edit: Edit): Edit[] {
    return this.pending.peek().filter((p) => p.id !== edit.id);
  }

  // ask asks for what there is. In it is all that was answered before.
  private async ask(): Promise<ReviewDocument & { before: Edited[] }> {
    const before = this.answered.peek();
    try {
      return { ...(await this.server.review(this.visit, this.by)), before };
    } catch (e) {
      if (e instanceof Refused && e.status === 404) this.end();
      throw e;
    }
  }

  // load asks for what there is, and takes it: nothing is heard meanwhile.
  private async load(): Promise<void> {
    const all = await this.ask();
    batch(() => {
      if (all.place !== (all.before.at(-1)?.place ?? this.said.peek().place)) this.stacks.value = unknown(all.undo, all.redo); // others were at it
      this.answered.value = this.answered.peek().filter((a) => !all.before.includes(a)); // also of a journal that is no more
      this.know(all);
    });
  }

  // reload asks for what there is, where what was heard meanwhile may be newer.
  private async reload(): Promise<void> {
    const all = await this.ask();
    if (all.place >= this.said.peek().place) this.know(all);
    else this.depth(all);
  }

  private know(all: ReviewDocument): void {
    this.mark = all.mark;
    batch(() => {
      this.say(all.facts, all.place);
      this.depth(all);
    });
  }

  private say(facts: Facts, place: number): void {
    batch(() => {
      this.said.value = { facts, place };
      this.answered.value = this.answered.peek().filter((a) => a.place > place);
    });
  }

  private depth({ undo, redo }: { undo: number; redo: number }): void {
    this.stacks.value = counted(this.stacks.peek(), undo, redo);
  }

  // end is where the visit is no more: what was to be done to it goes with it.
  private end(): void {
    this.deaf();
    this.keep([]);
    this.hold([]);
    this.gone.value = true;
  }

  // listen hears what others change, from what there is now on.
  private listen(): void {
    this.deaf();
    this.deaf = hear(
      async () => {
        if (!this.fresh) await this.load();
        this.fresh = false;
        return url.visitEvents(this.visit, this.mark);
      },
      {
        edit: (e) => this.heard(e as Heard),
        reel: (e) => (this.reel.value = e as ReelState),
        reset: () => this.listen(), // facts went without an edit, or the journal is another
        deleted: () => this.end(),
      },
      (open) => {
        this.away.value = open ? "" : this.away.peek() || "away";
        if (open) this.send();
      },
    );
  }

  private heard(edit: Heard): void {
    const { facts: now, place } = this.said.peek();
    if (edit.place <= place) return;
    this.say(facts.apply(now, edit.changes), edit.place);
    if (edit.by === this.by && !this.sent.has(edit.id)) void this.count();
  }

  // count asks how much can be undone, after another tab of this browser did something.
  private async count(): Promise<void> {
    const { undo, redo } = this.stacks.peek();
    this.stacks.value = unknown(undo.length, redo.length);
    if (this.pending.peek().length > 0) return;
    const all = await this.server.review(this.visit, this.by).catch(() => null);
    if (all) this.depth(all);
  }
}

// why tells what keeps the server from taking anything.
export const why = (e: unknown): Away => (e instanceof Refused && (e.status === 401 || e.status === 403) ? "locked" : "away");

interface Heard extends Edited {
  id: string;
  by: string;
}
