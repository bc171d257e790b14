import { expect, test } from 'vitest';
import type { NexmarkAuction, NexmarkBid, NexmarkEvent, NexmarkPerson } from '../../../core/connector/nexmark/event.ts';
import { nexmark } from '../../../core/connector/nexmark/nexmark.ts';
import type { NexmarkOptions } from '../../../core/connector/nexmark/options.ts';
import type { Source } from '../../../core/connector/source.ts';
import { readAll, readReopening, sourceContext } from '../reading.ts';

const context = sourceContext('/');

async function eventsOf(options: NexmarkOptions, parallelism = 1): Promise<NexmarkEvent[]> {
  return (await readAll(nexmark(options), context, parallelism)).values;
}

function people(events: readonly NexmarkEvent[]): NexmarkPerson[] {
  return events.flatMap((event) => (event.event_type === 0 ? [event.person] : []));
}

function auctions(events: readonly NexmarkEvent[]): NexmarkAuction[] {
  return events.flatMap((event) => (event.event_type === 1 ? [event.auction] : []));
}

function bids(events: readonly NexmarkEvent[]): NexmarkBid[] {
  return events.flatMap((event) => (event.event_type === 2 ? [event.bid] : []));
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

const many = await eventsOf({ count: 50_000 });

test('each 50 events are a person, three auctions and 46 bids', () => {
  for (let start = 0; start < many.length; start += 50) {
    const types = many.slice(start, start + 50).map(({ event_type }) => event_type);
    expect(types).toEqual([0, 1, 1, 1, ...Array(46).fill(2)]);
  }
});

test('people and auctions are numbered from 1,000 without gaps', () => {
  expect(people(many).map(({ id }) => id)).toEqual(Array.from({ length: 1_000 }, (_, index) => 1_000 + index));
  expect(auctions(many).map(({ id }) => id)).toEqual(Array.from({ length: 3_000 }, (_, index) => 1_000 + index));
});

test('one seed gives the same events and another seed others', async () => {
  expect(await eventsOf({ count: 500 })).toEqual(many.slice(0, 500));
  expect(await eventsOf({ count: 500, seed: 1 })).not.toEqual(many.slice(0, 500));
});

test('any parallelism gives the same events, and a reader opened again goes on where it was', async () => {
  const byText = (events: readonly unknown[]) => events.map((event) => JSON.stringify(event)).sort();
  expect(byText(await eventsOf({ count: 1_001 }, 4))).toEqual(byText(many.slice(0, 1_001)));
  const source = nexmark({ count: 300 }) as Source;
  const [split] = await source.splits(context, 1);
  if (split === undefined) throw new Error('there is no split');
  expect((await readReopening(source, split, context, [7, 50, 1])).values).toEqual(many.slice(0, 300));
});

test('event time goes on by the rate and comes as the timestamp of the batch', async () => {
  const source = nexmark({ count: 100, firstEventRate: 500, baseTime: 1_000 });
  const [split] = await source.splits(context, 1);
  if (split === undefined) throw new Error('there is no split');
  const batch = await (await source.open(split, undefined, context)).read(100);
  expect(batch.timestamps).toEqual(Array.from({ length: 100 }, (_, index) => 1_000 + 2 * index));
  expect(batch.values.map((event) => Object.values(event)[1].dateTime)).toEqual(batch.timestamps);
});

test('a group size makes times out of order within groups, each event once', async () => {
  const events = await eventsOf({ count: 1_000, outOfOrderGroupSize: 100, firstEventRate: 1_000, baseTime: 0 });
  const times = events.map((event) => Object.values(event)[1].dateTime as number);
  expect(times).not.toEqual([...times].sort((a, b) => a - b));
  expect([...times].sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  for (const [index, time] of times.entries()) expect(Math.floor(time / 100)).toBe(Math.floor(index / 100));
});

test('half of the bids go to a hot auction and three quarters come from a hot bidder', () => {
  const all = bids(many);
  const hotAuctions = all.filter(({ auction }) => auction % 100 === 0).length / all.length;
  const hotBidders = all.filter(({ bidder }) => bidder % 100 === 1).length / all.length;
  expect(hotAuctions).toBeGreaterThan(0.48);
  expect(hotAuctions).toBeLessThan(0.54);
  expect(hotBidders).toBeGreaterThan(0.73);
  expect(hotBidders).toBeLessThan(0.78);
});

test('a bid is on an auction that is open or about to be', () => {
  let last = 1_000;
  for (const event of many) {
    if (event.event_type === 1) last = event.auction.id;
    if (event.event_type !== 2) continue;
    expect(event.bid.auction).toBeLessThanOrEqual(last + 10);
    expect(event.bid.auction).toBeGreaterThanOrEqual(Math.max(1_000, last - 110));
  }
});

test('records have their sizes on average, and an auction its length', () => {
  const sizeOf = (record: object) =>
    Object.values(record).reduce((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
  expect(Math.abs(average(people(many).map(sizeOf)) - 200)).toBeLessThan(20);
  expect(Math.abs(average(auctions(many).map(sizeOf)) - 500)).toBeLessThan(25);
  const lengths = auctions(many).map(({ dateTime, expires }) => expires - dateTime);
  expect(Math.min(...lengths)).toBeGreaterThan(0);
  expect(Math.abs(average(lengths) - 167)).toBeLessThan(20);
});

test('events have the fields of the published schema', () => {
  expect(Object.keys(people(many)[0] ?? {})).toEqual([
    'id',
    'name',
    'emailAddress',
    'creditCard',
    'city',
    'state',
    'dateTime',
    'extra',
  ]);
  expect(Object.keys(auctions(many)[0] ?? {})).toEqual([
    'id',
    'itemName',
    'description',
    'initialBid',
    'reserve',
    'dateTime',
    'expires',
    'seller',
    'category',
    'extra',
  ]);
  expect(Object.keys(bids(many)[0] ?? {})).toEqual([
    'auction',
    'bidder',
    'price',
    'channel',
    'url',
    'dateTime',
    'extra',
  ]);
});

test('a channel has one url', () => {
  const urls = new Map<string, Set<string>>();
  for (const { channel, url } of bids(many)) urls.set(channel, (urls.get(channel) ?? new Set()).add(url));
  expect(urls.size).toBeGreaterThan(1_000);
  for (const found of urls.values()) expect(found.size).toBe(1);
});

test('options that are no positive whole numbers are refused, all at once', () => {
  expect(() => nexmark({ auctionProportion: 0, firstEventRate: 0.5, rate: -1 })).toThrow(
    /nexmark.firstEventRate.*\n.*auctionProportion.*\n.*nexmark.rate/,
  );
});
