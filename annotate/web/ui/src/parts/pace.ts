// Pace reckons how long what is under way will still take, from how far it has come
// since it was first looked at.
export class Pace {
  private readonly seen = new Map<string, { at: number; share: number }>();

  // left is how many seconds; null while nobody can say.
  left(id: string, share: number, now = performance.now()): number | null {
    const first = this.seen.get(id);
    if (!first || share < first.share || share >= 1) {
      this.seen.set(id, { at: now, share });
      return null;
    }
    const came = share - first.share;
    const took = (now - first.at) / 1000;
    return came < leastShare || took < leastTime ? null : ((1 - share) * took) / came;
  }
}

const leastShare = 0.02;
const leastTime = 2; // s
