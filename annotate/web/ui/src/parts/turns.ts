// Turns let a few things be done at once, and the others one after another. Browsers keep
// six connections to one server: stills, each of which takes it a moment, would take
// those that films, edits and news need.
export class Turns {
  private busy = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  // take calls begin when it is its turn. What it gives ends the turn, or the wait for it.
  take(begin: () => void): () => void {
    let has = false;
    let over = false;
    const start = (): void => {
      has = true;
      this.busy++;
      begin();
    };
    if (this.busy < this.most) start();
    else this.waiting.push(start);
    return () => {
      if (over) return;
      over = true;
      if (!has) {
        this.waiting.splice(this.waiting.indexOf(start), 1);
        return;
      }
      this.busy--;
      this.waiting.shift()?.();
    };
  }
}
