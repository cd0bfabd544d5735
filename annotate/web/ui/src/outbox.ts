import { api } from "./api.ts";
import { Review, type Server } from "./edits.ts";
import { lasting, type Keeper } from "./keeper.ts";

// Outbox has the review of each visit that this page was at, or has edits to send of:
// they are sent wherever the reader is meanwhile.
export class Outbox {
  private readonly reviews = new Map<string, Review>();

  constructor(
    private readonly keeper: Keeper = lasting,
    private readonly server: Server = api,
  ) {}

  review(visit: string): Review {
    const review = this.reviews.get(visit) ?? new Review(visit, this.by, this.keeper, this.server);
    this.reviews.set(visit, review);
    return review;
  }

  // send sends what earlier pages left, of whatever visit.
  send(): void {
    for (const key of this.keeper.keys()) {
      const visit = /^dyade\.pending\.([^.]+)\./.exec(key)?.[1];
      if (visit) this.review(visit).send();
    }
  }

  // by is how this browser signs its edits.
  private get by(): string {
    const key = "dyade.by";
    const name = this.keeper.get(key) || crypto.randomUUID();
    this.keeper.set(key, name);
    return name;
  }
}

export const outbox = new Outbox();
