import type { Timestamp } from '../../time/timestamp.ts';

/** An event of the auction site; `event_type` says which of the three fields is there: 0, 1 or 2. */
export type NexmarkEvent =
  | { readonly event_type: 0; readonly person: NexmarkPerson }
  | { readonly event_type: 1; readonly auction: NexmarkAuction }
  | { readonly event_type: 2; readonly bid: NexmarkBid };

/** Somebody who sells and bids. */
export type NexmarkPerson = {
  readonly id: number;
  readonly name: string;
  readonly emailAddress: string;
  readonly creditCard: string;
  readonly city: string;
  readonly state: string;
  readonly dateTime: Timestamp;
  readonly extra: string;
};

/** Something for sale until `expires`; `seller` is a person, prices are in cents. */
export type NexmarkAuction = {
  readonly id: number;
  readonly itemName: string;
  readonly description: string;
  readonly initialBid: number;
  readonly reserve: number;
  readonly dateTime: Timestamp;
  readonly expires: Timestamp;
  readonly seller: number;
  readonly category: number;
  readonly extra: string;
};

/** What a person offers in an auction; `price` in cents. */
export type NexmarkBid = {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  readonly dateTime: Timestamp;
  readonly extra: string;
};
