import type { Timestamp } from '../../time/timestamp.ts';

/** Options of the word `nexmark`; names and defaults are those of the published generator. */
export type NexmarkOptions = {
  /** Events in all; absent: it goes on forever. */
  readonly count?: number;
  /** Events per second of real time over all subtasks; absent: as fast as they are taken. */
  readonly rate?: number;
  /** Events per second of event time over all subtasks; 10,000 unless said. */
  readonly firstEventRate?: number;
  /** Event time of the first event; 2015-07-15T00:00:00Z unless said. */
  readonly baseTime?: Timestamp;
  /** Another seed gives other events; 0 unless said. */
  readonly seed?: number;
  /** Of each `personProportion + auctionProportion + bidProportion` events; 1, 3 and 46 unless said. */
  readonly personProportion?: number;
  readonly auctionProportion?: number;
  readonly bidProportion?: number;
  /** All but one of so many bids go to a hot auction; 2 unless said. */
  readonly hotAuctionRatio?: number;
  /** All but one of so many bids come from a hot bidder; 4 unless said. */
  readonly hotBiddersRatio?: number;
  /** All but one of so many auctions are of a hot seller; 4 unless said. */
  readonly hotSellersRatio?: number;
  /** Auctions that are open at any time; 100 unless said. */
  readonly numInFlightAuctions?: number;
  /** People who sell and bid; 1,000 unless said. */
  readonly numActivePeople?: number;
  /** Average sizes in bytes, reached by filling `extra`; 200, 500 and 100 unless said. */
  readonly avgPersonByteSize?: number;
  readonly avgAuctionByteSize?: number;
  readonly avgBidByteSize?: number;
  /** Event times are out of order within groups of so many events; 1 (in order) unless said. */
  readonly outOfOrderGroupSize?: number;
};

export type NexmarkConfiguration = Required<Omit<NexmarkOptions, 'count' | 'rate'>>;

export const NEXMARK_DEFAULTS: NexmarkConfiguration = {
  firstEventRate: 10_000,
  baseTime: Date.UTC(2015, 6, 15),
  seed: 0,
  personProportion: 1,
  auctionProportion: 3,
  bidProportion: 46,
  hotAuctionRatio: 2,
  hotBiddersRatio: 4,
  hotSellersRatio: 4,
  numInFlightAuctions: 100,
  numActivePeople: 1_000,
  avgPersonByteSize: 200,
  avgAuctionByteSize: 500,
  avgBidByteSize: 100,
  outOfOrderGroupSize: 1,
};
