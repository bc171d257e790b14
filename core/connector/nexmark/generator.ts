import type { Timestamp } from '../../time/timestamp.ts';
import { RecordRandom } from '../record-random.ts';
import type { NexmarkAuction, NexmarkBid, NexmarkEvent, NexmarkPerson } from './event.ts';
import type { NexmarkConfiguration } from './options.ts';
import { nextExtra, nextText } from './text.ts';

/**
 * The Nexmark generator: people, their auctions and bids on them, in epochs of `person + auction + bid` events
 * (Tucker, Tufte, Papadimos and Maier, "NEXMark: a benchmark for queries over data streams", 2002; the generator of
 * Apache Beam, as github.com/nexmark/nexmark has it for Flink: NexmarkConfiguration, GeneratorConfig and the generators
 * of its folder `model`).
 *
 * 1. An event depends on the configuration and its number alone, so any subtask can make any event.
 * 2. Ids follow from the number too: a bid knows the last auction before it without any memory.
 * 3. Hot people and auctions are the first of each hundred; others are drawn from those that are active, and a few that
 *    are yet to come.
 * 4. As in the published generator a bidder's id has FIRST_PERSON_ID added twice.
 */
const FIRST_PERSON_ID = 1_000;
const FIRST_AUCTION_ID = 1_000;
const FIRST_CATEGORY_ID = 10;
const CATEGORIES = 5;
/** Ids beyond the last one that may be drawn. */
const ID_LEAD = 10;
/** One of so many people and auctions can be hot. */
const HOT_BATCH = 100;
const CHANNELS = 10_000;
const HOT_CHANNELS = ['Google', 'Facebook', 'Baidu', 'Apple'] as const;
const STATES = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY'] as const;
const CITIES = [
  'Phoenix',
  'Los Angeles',
  'San Francisco',
  'Boise',
  'Portland',
  'Bend',
  'Redmond',
  'Seattle',
  'Kent',
  'Cheyenne',
] as const;
const FIRST_NAMES = [
  'Peter',
  'Paul',
  'Luke',
  'John',
  'Saul',
  'Vicky',
  'Kate',
  'Julie',
  'Sarah',
  'Deiter',
  'Walter',
] as const;
const LAST_NAMES = ['Shultz', 'Abrams', 'Spencer', 'White', 'Bartels', 'Walton', 'Smith', 'Jones', 'Noris'] as const;

export class NexmarkGenerator {
  readonly #configuration: NexmarkConfiguration;
  readonly #total: number;
  readonly #random: RecordRandom;
  /** Channels keep their pages, which are made when first needed. */
  readonly #urls = new Map<number, string>();
  readonly #hotUrls: readonly string[];

  constructor(configuration: NexmarkConfiguration) {
    const { personProportion, auctionProportion, bidProportion, seed } = configuration;
    this.#configuration = configuration;
    this.#total = personProportion + auctionProportion + bidProportion;
    this.#random = new RecordRandom(seed);
    const random = new RecordRandom(seed + 1);
    this.#hotUrls = HOT_CHANNELS.map((_channel, index) => {
      random.startRecord(CHANNELS + index);
      return baseUrl(random);
    });
  }

  /** Event time of event `number`, counted from 0. */
  timestamp(number: number): Timestamp {
    const { outOfOrderGroupSize: size } = this.#configuration;
    const adjusted = size === 1 ? number : Math.floor(number / size) * size + ((number * 953) % size);
    return this.#timestampOf(adjusted);
  }

  event(number: number): NexmarkEvent {
    const { outOfOrderGroupSize: size, personProportion, auctionProportion } = this.#configuration;
    const id = size === 1 ? number : Math.floor(number / size) * size + ((number * 953) % size);
    const timestamp = this.#timestampOf(id);
    this.#random.startRecord(id);
    const place = id % this.#total;
    if (place < personProportion) return { event_type: 0, person: this.#person(id, timestamp) };
    if (place < personProportion + auctionProportion) return { event_type: 1, auction: this.#auction(id, timestamp) };
    return { event_type: 2, bid: this.#bid(id, timestamp) };
  }

  #timestampOf(number: number): Timestamp {
    const { baseTime, firstEventRate } = this.#configuration;
    return baseTime + Math.floor((number * 1_000) / firstEventRate);
  }

  #person(id: number, dateTime: Timestamp): NexmarkPerson {
    const random = this.#random;
    const name = `${oneOf(random, FIRST_NAMES)} ${oneOf(random, LAST_NAMES)}`;
    const emailAddress = `${nextText(random, 7)}@${nextText(random, 5)}.com`;
    const creditCard = `${digits(random)} ${digits(random)} ${digits(random)} ${digits(random)}`;
    const city = oneOf(random, CITIES);
    const state = oneOf(random, STATES);
    const size = 8 + name.length + emailAddress.length + creditCard.length + city.length + state.length;
    const extra = nextExtra(random, size, this.#configuration.avgPersonByteSize);
    return { id: this.#lastPerson(id) + FIRST_PERSON_ID, name, emailAddress, creditCard, city, state, dateTime, extra };
  }

  #auction(id: number, dateTime: Timestamp): NexmarkAuction {
    const random = this.#random;
    const { hotSellersRatio, avgAuctionByteSize } = this.#configuration;
    const seller = random.below(hotSellersRatio) > 0 ? hot(this.#lastPerson(id)) : this.#nextPerson(id);
    const category = FIRST_CATEGORY_ID + random.below(CATEGORIES);
    const initialBid = nextPrice(random);
    const expires = dateTime + this.#nextLengthMs(id, dateTime);
    const itemName = nextText(random, 20);
    const description = nextText(random, 100);
    const reserve = initialBid + nextPrice(random);
    const extra = nextExtra(random, 48 + itemName.length + description.length, avgAuctionByteSize);
    return {
      id: this.#lastAuction(id) + FIRST_AUCTION_ID,
      itemName,
      description,
      initialBid,
      reserve,
      dateTime,
      expires,
      seller: seller + FIRST_PERSON_ID,
      category,
      extra,
    };
  }

  #bid(id: number, dateTime: Timestamp): NexmarkBid {
    const random = this.#random;
    const { hotAuctionRatio, hotBiddersRatio, avgBidByteSize } = this.#configuration;
    const auction = random.below(hotAuctionRatio) > 0 ? hot(this.#lastAuction(id)) : this.#nextAuction(id);
    // The second of each hundred, so that hot bidders are not the hot sellers.
    const bidder = random.below(hotBiddersRatio) > 0 ? hot(this.#lastPerson(id)) + 1 : this.#nextPerson(id);
    const price = nextPrice(random);
    const isHot = random.below(2) > 0;
    const number = random.below(isHot ? HOT_CHANNELS.length : CHANNELS);
    const channel = isHot ? (HOT_CHANNELS[number] as string) : `channel-${number}`;
    const url = isHot ? (this.#hotUrls[number] as string) : this.#urlOf(number);
    const extra = nextExtra(random, 32, avgBidByteSize);
    return {
      auction: auction + FIRST_AUCTION_ID,
      bidder: bidder + 2 * FIRST_PERSON_ID,
      price,
      channel,
      url,
      dateTime,
      extra,
    };
  }

  /** The last person up to event `id`, counted from 0. */
  #lastPerson(id: number): number {
    const { personProportion } = this.#configuration;
    return Math.floor(id / this.#total) * personProportion + Math.min(id % this.#total, personProportion - 1);
  }

  /** The last auction up to event `id`, counted from 0; -1 before the first. */
  #lastAuction(id: number): number {
    const { personProportion, auctionProportion } = this.#configuration;
    const inEpoch = Math.min((id % this.#total) - personProportion, auctionProportion - 1);
    return Math.floor(id / this.#total) * auctionProportion + Math.max(inEpoch, -1);
  }

  #nextPerson(id: number): number {
    const people = this.#lastPerson(id) + 1;
    const active = Math.min(people, this.#configuration.numActivePeople);
    return people - active + this.#random.below(active + ID_LEAD);
  }

  #nextAuction(id: number): number {
    const last = this.#lastAuction(id);
    const first = Math.max(last - this.#configuration.numInFlightAuctions, 0);
    return first + this.#random.below(last - first + 1 + ID_LEAD);
  }

  /** How long an auction lasts: as long, on average, as it takes until `numInFlightAuctions` more have come. */
  #nextLengthMs(id: number, dateTime: Timestamp): number {
    const { numInFlightAuctions, auctionProportion } = this.#configuration;
    const events = Math.floor((numInFlightAuctions * this.#total) / auctionProportion);
    const horizonMs = this.#timestampOf(id + events) - dateTime;
    return 1 + this.#random.below(Math.max(horizonMs * 2, 1));
  }

  #urlOf(channel: number): string {
    const known = this.#urls.get(channel);
    if (known !== undefined) return known;
    const random = new RecordRandom(this.#configuration.seed + 1);
    random.startRecord(channel);
    const query = random.below(10) > 0 ? `&channel_id=${Math.abs(reversedBits(channel))}` : '';
    const url = baseUrl(random) + query;
    this.#urls.set(channel, url);
    return url;
  }
}

function hot(last: number): number {
  return Math.floor(Math.max(last, 0) / HOT_BATCH) * HOT_BATCH;
}

function oneOf(random: RecordRandom, values: readonly string[]): string {
  return values[random.below(values.length)] as string;
}

function digits(random: RecordRandom): string {
  return String(random.below(10_000)).padStart(4, '0');
}

/** In cents: between 1 and a million of the currency, each order of magnitude alike. */
function nextPrice(random: RecordRandom): number {
  return Math.round(10 ** (random.next() * 6) * 100);
}

function baseUrl(random: RecordRandom): string {
  const parts = [nextText(random, 5, '_'), nextText(random, 5, '_'), nextText(random, 5, '_')];
  return `https://www.nexmark.com/${parts.join('/')}/item.htm?query=1`;
}

/** The 32 bits of an integer in reverse, as a signed integer. */
function reversedBits(integer: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = (reversed << 1) | ((integer >>> bit) & 1);
  return reversed;
}
