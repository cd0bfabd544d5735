import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { Refused, type Change, type Conflict, type Edit, type Edited, type Facts, type ReviewDocument, type Value } from "./api.ts";
import { versions } from "./clash.ts";
import { Review } from "./edits.ts";
import { equal, facts } from "./facts.ts";
import { keeper } from "./keeper.ts";
import { Outbox } from "./outbox.ts";

// What a browser has, as far as a review needs it: time never passes by itself.
Object.assign(globalThis, {
  ...(globalThis.crypto ? {} : { crypto: webcrypto }),
  window: { setTimeout: () => 0 },
  document: { hidden: false, addEventListener: () => undefined, removeEventListener: () => undefined },
});

// Ear is what listens to the server.
class Ear {
  static readonly CLOSED = 2;
  static last: Ear;
  readyState = 1;
  private readonly tells: [string, (e: { data: string }) => void][] = [];

  constructor(readonly at: string) {
    Ear.last = this;
  }

  addEventListener(name: string, tell: (e: { data: string }) => void): void {
    this.tells.push([name, tell]);
  }

  close(): void {
    this.readyState = Ear.CLOSED;
  }

  tell(name: string, data: unknown = {}): void {
    if (this.readyState !== Ear.CLOSED) for (const [of, tell] of this.tells) if (of === name) tell({ data: JSON.stringify(data) });
  }
}
Object.assign(globalThis, { EventSource: Ear });

// Kept is what a browser keeps; full: nothing more.
class Kept {
  readonly all = new Map<string, string>();
  full = false;
  private readonly storage = {
    getItem: (key: string) => this.all.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (this.full) throw new Error("QuotaExceededError");
      this.all.set(key, value);
    },
    removeItem: (key: string) => this.all.delete(key),
  };
  readonly keeper = {
    ...keeper(() => this.storage as unknown as Storage),
    keys: () => [...this.all.keys()],
  };
}

interface Told extends Edited {
  id: string;
  by: string;
}

// Journal is a server of one visit, as decision 11 has it: segments need a recording.
class Journal {
  facts: Facts = {};
  readonly told: Told[] = [];
  readonly asked: string[] = [];
  refuses = 0; // with this status; -1: it does not answer
  private stacks: Record<string, { undo: Change[][]; redo: Change[][] }> = {};
  private slow: Promise<void> | null = null;

  // holds has answers to edits wait until the function that it gives is called.
  holds(): () => void {
    let go = (): void => undefined;
    this.slow = new Promise((done) => (go = done));
    return () => {
      this.slow = null;
      go();
    };
  }

  review = async (_: string, by: string): Promise<ReviewDocument> => {
    this.asked.push("review");
    this.check();
    const { undo, redo } = this.of(by);
    return structuredClone({ place: this.told.length, mark: `${this.told.length}-a`, facts: this.facts, undo: undo.length, redo: redo.length });
  };

  edit = async (_: string, e: Edit): Promise<Edited> => {
    this.asked.push(e.kind);
    this.check();
    const had = this.told.find((x) => x.id === e.id);
    const done = had ?? this.done(structuredClone(e));
    await this.slow;
    return structuredClone(done);
  };

  // another changes a field, whatever is there.
  another(entity: string, field: string, to: Value): Told {
    return this.done({ id: crypto.randomUUID(), by: "another", kind: "do", force: true, changes: [{ entity, field, from: null, to }] });
  }

  private of = (by: string) => (this.stacks[by] ??= { undo: [], redo: [] });

  private check(): void {
    if (this.refuses < 0) throw new TypeError("Failed to fetch");
    if (this.refuses > 0) throw new Refused(this.refuses, "no");
  }

  private done(e: Edit): Told {
    const { undo, redo } = this.of(e.by);
    const from = e.kind === "undo" ? undo : redo;
    const wanted = e.kind === "do" ? (e.changes ?? []) : (from.at(-1) ?? []).map((c) => ({ ...c, from: c.to, to: c.from })).reverse();
    if (wanted.length === 0) throw new Refused(409, "there is nothing to undo");
    const conflicts: Conflict[] = [];
    for (const c of wanted) if (!e.force && !equal(facts.get(this.facts, c.entity, c.field), c.from)) conflicts.push({ entity: c.entity, field: c.field, value: facts.get(this.facts, c.entity, c.field) });
    const next = facts.apply(this.facts, wanted);
    for (const { entity } of wanted) if (entity.startsWith("segment/") && next[entity] && !next[entity]["recording"]) conflicts.push({ entity, field: "recording", value: null });
    if (conflicts.length > 0) throw new Refused(409, "others have changed the same", conflicts);
    const changes = wanted.map((c) => ({ ...c, from: facts.get(this.facts, c.entity, c.field) }));
    this.facts = next;
    if (e.kind === "do") redo.length = 0;
    else from.pop();
    (e.kind === "undo" ? redo : undo).push(changes);
    this.told.push({ place: this.told.length + 1, id: e.id, by: e.by, changes, undo: undo.length, redo: redo.length });
    return this.told.at(-1)!;
  }
}

const S = "segment/1";

const calm = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await new Promise((done) => setImmediate(done));
};

// at opens the review of a visit that has a segment with a note.
async function at(journal = new Journal(), kept = new Kept()) {
  if (journal.told.length === 0) for (const [field, to] of Object.entries({ recording: "r", seen: "old" })) journal.another(S, field, to);
  const review = new Review("v", "me", kept.keeper, journal);
  await review.open();
  await calm();
  const seen = (): Value => facts.get(review.facts.peek(), S, "seen");
  const writes = (to: Value, from?: Value): void => review.do([{ entity: S, field: "seen", to, ...(from === undefined ? {} : { from }) }]);
  return { journal, kept, review, seen, writes, tell: (e: Told): void => Ear.last.tell("edit", e) };
}

const keeps = (kept: Kept, text: string): boolean => [...kept.all.values()].some((v) => v.includes(text));

test("who writes over what another has written meanwhile is told", async () => {
  const { journal, review, seen, writes, tell } = await at();
  tell(journal.another(S, "seen", "theirs"));
  writes("mine", "old"); // was begun when the other had not written
  await calm();
  assert.equal(seen(), "theirs");
  assert.equal(review.clashes.peek().length, 1);
  writes("theirs too", "theirs");
  await calm();
  assert.equal(journal.facts[S]!["seen"], "theirs too");
});

test("what goes without an edit goes from the page", async () => {
  const { journal, review } = await at();
  journal.facts = {};
  Ear.last.tell("reset", { place: journal.told.length });
  await calm();
  assert.deepEqual(review.facts.peek(), {});
});

test("a journal from before, as a backup has it, takes the place of what was there", async () => {
  const { journal, review, seen, writes } = await at();
  const backup = structuredClone(journal.facts);
  writes("lost with the disk");
  await calm();
  Ear.last.tell("edit", journal.told[2]);
  journal.told.pop();
  journal.facts = backup;
  Ear.last.tell("reset", { place: 2 });
  await calm();
  assert.equal(seen(), "old");
  Ear.last.tell("edit", journal.another(S, "seen", "after it"));
  assert.equal(seen(), "after it");
  review.close();
});

test("a visit that is deleted is gone, and what was to be done to it", async () => {
  const { journal, kept, review, writes } = await at();
  journal.refuses = -1;
  writes("mine");
  await calm();
  Ear.last.tell("deleted", { id: "v" });
  assert.ok(review.gone.peek() && kept.all.size === 0);
  const ear = Ear.last;
  const other = await at();
  other.journal.refuses = 404;
  Ear.last.tell("reset", { place: 3 }); // it was deleted while nobody listened
  await calm();
  assert.ok(other.review.gone.peek() && ear.readyState === Ear.CLOSED);
});

for (const status of [-1, 401, 403, 413, 421, 429, 500]) {
  test(`what is answered ${status} is kept, and sent again`, async () => {
    const { journal, kept, review, seen, writes } = await at();
    journal.refuses = status;
    writes("mine");
    await calm();
    assert.equal(seen(), "mine");
    assert.ok(keeps(kept, "mine") && review.away.peek());
    journal.refuses = 0;
    const later = await at(journal, kept); // another day
    await calm();
    assert.equal(later.seen(), "mine");
    assert.equal(journal.facts[S]!["seen"], "mine");
    assert.ok(!keeps(kept, "mine"));
  });
}

test("what can never be is not sent again", async () => {
  const { journal, kept, review, writes } = await at();
  journal.refuses = 400;
  writes("mine");
  await calm();
  assert.ok(!keeps(kept, "mine") && review.refused.peek() && review.saved.peek());
});

test("both versions are there until a person has chosen, also after a reload", async () => {
  const { journal, kept, writes } = await at();
  journal.another(S, "seen", "theirs");
  writes("mine");
  await calm();
  const later = await at(journal, kept);
  const [clash] = later.review.clashes.peek();
  assert.equal(clash?.edit.changes?.[0]?.to, "mine");
  later.review.settle(clash!, "mine");
  await calm();
  assert.equal(journal.facts[S]!["seen"], "mine");
  assert.ok(!keeps(kept, "mine"));
});

test("what is written on through a clash is one clash", async () => {
  const { journal, review, writes } = await at();
  journal.another(S, "seen", "theirs");
  const go = journal.holds();
  writes("m");
  writes("mi");
  writes("min");
  go();
  await calm();
  writes("mine", "min"); // was begun before the answer came
  await calm();
  assert.equal(review.clashes.peek().length, 1);
  assert.deepEqual(review.clashes.peek()[0]!.edit.changes, [{ entity: S, field: "seen", from: "old", to: "mine" }]);
});

test("a text is not lost where what it was about was deleted", async () => {
  const { journal, review, writes } = await at();
  for (const field of ["seen", "recording"]) journal.another(S, field, null);
  writes("mine");
  await calm();
  const [clash] = review.clashes.peek();
  assert.deepEqual(versions(clash!, review.facts.peek()), { fields: [], gone: true, texts: ["mine"], mine: false, both: false });
});

test("who wants what another has done already is not asked", async () => {
  const { journal, review, writes } = await at();
  journal.another(S, "seen", "the same");
  writes("the same");
  await calm();
  assert.equal(review.clashes.peek().length, 0);
});

test("an undo that meets another's change goes on where a person wants it", async () => {
  const { journal, review, writes } = await at();
  writes("mine");
  await calm();
  journal.another(S, "seen", "theirs");
  review.undo();
  await calm();
  assert.equal(review.clashes.peek()[0]!.edit.kind, "undo");
  review.settle(review.clashes.peek()[0]!, "mine");
  await calm();
  assert.equal(journal.facts[S]!["seen"], "old");
});

test("undos that meet the same change are one clash", async () => {
  const { journal, review, writes } = await at();
  writes("mine");
  writes("mine too");
  await calm();
  journal.another(S, "seen", "theirs");
  review.undo();
  review.undo();
  await calm();
  review.undo();
  await calm();
  assert.equal(review.clashes.peek().length, 1);
});

test("who takes back what is then refused takes back nothing else", async () => {
  const { journal, review, writes } = await at();
  review.do([{ entity: S, field: "question", to: "?" }]);
  await calm();
  journal.another(S, "seen", "theirs");
  writes("mine");
  review.undo();
  await calm();
  assert.deepEqual(journal.facts[S], { recording: "r", seen: "theirs", question: "?" });
  assert.equal(review.clashes.peek().length, 0);
});

test("an answer that comes late changes nothing that came after", async () => {
  const { journal, seen, writes, tell } = await at();
  const go = journal.holds();
  writes("mine");
  await calm();
  tell(journal.told[2]!);
  tell(journal.another(S, "seen", "theirs"));
  go();
  await calm();
  assert.equal(seen(), "theirs");
});

test("what was done before one's own, and is heard after its answer, stands below it", async () => {
  const { journal, review, seen, writes, tell } = await at();
  journal.another(S, "seen", "theirs");
  writes("mine", "theirs");
  await calm();
  assert.equal(seen(), "mine");
  tell(journal.told[2]!);
  assert.equal(seen(), "mine");
  tell(journal.told[3]!);
  tell(journal.another(S, "seen", "theirs again"));
  assert.equal(seen(), "theirs again");
  assert.equal(review.clashes.peek().length, 0);
});

test("an undo is seen at once, and counted", async () => {
  const { journal, review, seen, writes } = await at();
  const go = journal.holds();
  writes("mine");
  review.undo();
  assert.equal(seen(), "old");
  assert.deepEqual([review.undoable.peek(), review.redoable.peek()], [0, 1]);
  review.undo(); // there is nothing more
  review.redo();
  assert.equal(seen(), "mine");
  go();
  await calm();
  assert.equal(journal.facts[S]!["seen"], "mine");
  assert.deepEqual(journal.asked.filter((x) => x !== "review"), ["do", "undo", "redo"]);
  assert.deepEqual([review.undoable.peek(), review.redoable.peek()], [1, 0]);
});

test("nobody clashes with themselves: done, undone and done anew", async () => {
  const { journal, review, writes } = await at();
  const go = journal.holds();
  writes("mine");
  review.undo();
  writes("mine");
  go();
  await calm();
  assert.equal(review.clashes.peek().length, 0);
  assert.equal(journal.facts[S]!["seen"], "mine");
});

test("nobody clashes with themselves: what an earlier page did is undone", async () => {
  const before = await at();
  before.writes("mine");
  await calm();
  before.review.close();
  const { journal, review, writes } = await at(before.journal, before.kept);
  const go = journal.holds();
  review.undo(); // nobody here knows what it will change
  writes("mine too");
  go();
  await calm();
  assert.equal(review.clashes.peek().length, 0);
  assert.equal(journal.facts[S]!["seen"], "mine too");
});

test("while the server is away, what is known here is undone, and nothing else in the dark", async () => {
  const before = await at();
  before.writes("mine");
  await calm();
  const { journal, review, seen, writes } = await at(before.journal, before.kept);
  writes("mine too");
  await calm();
  journal.refuses = -1;
  writes("mine at last");
  await calm();
  for (let i = 0; i < 5; i++) review.undo();
  await calm();
  assert.equal(seen(), "mine");
  assert.ok(review.refused.peek());
  journal.refuses = 0;
  Ear.last.tell("open");
  await calm();
  assert.equal(journal.facts[S]!["seen"], "mine");
  assert.equal(review.undoable.peek(), 1);
});

test("who hears of their own edit has nothing to ask; of another tab's, how much can be undone", async () => {
  const { journal, review, writes, tell } = await at();
  writes("mine");
  await calm();
  const asked = journal.asked.length;
  tell(journal.told[2]!);
  await calm();
  assert.equal(journal.asked.length, asked);
  tell({ ...(await journal.edit("v", { id: "other tab", by: "me", kind: "undo" })), id: "other tab", by: "me" });
  await calm();
  assert.deepEqual([review.undoable.peek(), review.redoable.peek()], [0, 1]);
});

test("what the browser cannot keep is sent all the same", async () => {
  const kept = new Kept();
  kept.full = true;
  const { journal, writes } = await at(new Journal(), kept);
  writes("mine");
  writes("mine too");
  await calm();
  assert.equal(journal.facts[S]!["seen"], "mine too");
});

test("what was kept and is damaged keeps nobody out", async () => {
  const kept = new Kept();
  for (const [i, text] of ["{", "3", "{}", "[null, 1]"].entries()) kept.all.set(`dyade.pending.v.${i}`, text).set(`dyade.clash.v.${i}`, text);
  const { review, seen } = await at(new Journal(), kept);
  assert.equal(seen(), "old");
  assert.ok(review.saved.peek());
  assert.deepEqual(review.clashes.peek(), []);
});

test("what is written as the reader leaves is sent", async () => {
  const { journal, review, writes } = await at();
  review.close();
  writes("mine");
  await calm();
  assert.equal(journal.facts[S]!["seen"], "mine");
});

test("what an earlier page left is sent, wherever the reader comes back to", async () => {
  const before = await at();
  before.journal.refuses = -1;
  before.writes("mine");
  await calm();
  before.journal.refuses = 0;
  const outbox = new Outbox(before.kept.keeper, before.journal);
  outbox.send();
  await calm();
  assert.equal(before.journal.facts[S]!["seen"], "mine");
  assert.ok(!keeps(before.kept, "mine"));
  assert.equal(outbox.review("v"), outbox.review("v"));
});
