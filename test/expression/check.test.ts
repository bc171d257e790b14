import { describe, expect, test } from 'vitest';
import { checkExpression } from '../../core/expression/check.ts';
import { parseExpression } from '../../core/expression/parser.ts';
import type { RecordSchema } from '../../core/expression/type.ts';

const CLICKS: RecordSchema = {
  page: 'string',
  agent: 'string',
  ms: 'int',
  size: 'bigint',
  score: 'double',
  human: 'boolean',
  at: 'timestamp',
  any: 'unknown',
  tags: ['string'],
  geo: { city: 'string', position: { lat: 'double' } },
};

const check = (text: string, expect?: 'condition') =>
  checkExpression(parseExpression(text), CLICKS, { input: 'clicks', ...(expect && { expect }) });

const messages = (text: string) => check(text).faults.map(({ offset, message }) => `${offset} ${message}`);

describe('names', () => {
  test('a misspelt column is answered with the nearest one', () => {
    expect(messages("agnet <> 'bot'")).toEqual(['1 column "agnet" is not in clicks; did you mean "agent"?']);
    expect(messages('Page IS NULL')).toEqual(['1 column "Page" is not in clicks; did you mean "page"?']);
  });

  test('a name like none is answered with those that are there', () => {
    expect(messages('wherever = 1')).toEqual([
      '1 column "wherever" is not in clicks; it has page, agent, ms, size, score, human, at, any, tags, geo',
    ]);
  });

  test('names below a record are checked, and names below a scalar refused', () => {
    expect(messages('geo.position.lat > 1')).toEqual([]);
    expect(messages('geo.citi = 1')).toEqual(['1 field "citi" is not there; did you mean "city"?']);
    expect(messages('page.x = 1')).toEqual(['1 "x" is not there: what stands before it is text and has no fields']);
    expect(messages('any.x.y = 1')).toEqual([]);
  });

  test('what every object of JavaScript has is no column', () => {
    expect(messages('constructor IS NULL')[0]).toContain('column "constructor" is not in clicks');
    expect(messages('geo.toString IS NULL')[0]).toContain('field "toString" is not there');
  });

  test('without a schema no column is checked', () => {
    expect(checkExpression(parseExpression('whatever.it.is > 1')).faults).toEqual([]);
  });

  test('all faults come at once, in the order of the text', () => {
    expect(messages("agnet = 1 AND page > 5 AND UPPER(ms) = 'x'").map((fault) => fault.split(' ')[0])).toEqual([
      '1',
      '15',
      '34',
    ]);
  });
});

describe('types', () => {
  test.each([
    ['ms + 1', 'int'],
    ['ms + size', 'bigint'],
    ['ms * 1.5', 'double'],
    ['ms / 2', 'double'],
    ['ms > 1', 'boolean'],
    ["page || 'x'", 'string'],
    ["at + INTERVAL '1' HOUR", 'timestamp'],
    ['at - rowtime()', 'interval'],
    ["INTERVAL '1' HOUR * 2", 'interval'],
    ['COALESCE(ms, score)', 'double'],
    ['COALESCE(NULL, page)', 'string'],
    ['CASE WHEN human THEN 1 ELSE NULL END', 'int'],
    ['IF(human, ms, size)', 'bigint'],
    ['CAST(page AS TIMESTAMP)', 'timestamp'],
    ['tags[1]', 'string'],
    ["geo['city']", 'string'],
    ['geo.position.lat', 'double'],
    ['CARDINALITY(tags)', 'int'],
    ['EXTRACT(HOUR FROM at)', 'int'],
    ['any + 1', 'unknown'],
  ])('%s is %s', (text, type) => {
    expect(check(text)).toEqual({ type, faults: [] });
  });

  test.each([
    ["ms > 'x'", '1 a number cannot be compared with text; write CAST(… AS DOUBLE) or CAST(… AS STRING)'],
    ["at > '2026-01-01'", "1 a timestamp cannot be compared with text; write TO_TIMESTAMP(…) or TIMESTAMP '…'"],
    ['human > 1', '1 a condition (true or false) cannot be compared with a number'],
    ['geo = geo', '1 a record cannot be compared with a record; compare an element or a field of it'],
    ["page + 'x'", '1 text and text cannot be combined with +; texts are joined with ||'],
    ['page || ms', '9 || takes text; write CAST(… AS STRING); this is a number'],
    ['ms AND human', '1 a condition is expected; this is a number: compare it with something, as in … > 0'],
    ['UPPER(ms)', '7 UPPER takes text; write CAST(… AS STRING); this is a number'],
    ['HOUR(page)', '6 EXTRACT takes a timestamp; write TO_TIMESTAMP(…); this is text'],
    [
      "CASE WHEN human THEN 1 ELSE 'x' END",
      '29 the branches of CASE have one type: before stands a number, this is text',
    ],
    ['at + at', '1 a timestamp and a timestamp cannot be combined with +'],
    ['at + 1', '1 a timestamp and a number cannot be combined with +'],
    ['tags[0]', '6 the elements of an array are counted from 1'],
    ['REGEXP(page, agent)', '14 the regular expression must be a constant text, so that it is compiled once'],
    [
      "REGEXP(page, '[')",
      '14 Invalid regular expression: /[/u: Unterminated character class; regular expressions are those of JavaScript',
    ],
    [
      "DATE_FORMAT(at, 'bogus')",
      '17 "bogus" is not a pattern; write one of yyyy MM dd HH mm ss SSS, hh a, MMM and EEE',
    ],
    ["page LIKE 'a!b' ESCAPE '!'", '11 in the pattern the escape ! must stand before %, _ or itself'],
    ["JSON_VALUE(page, 'a.b')", "18 a path is written like '$.a.b[0]'"],
    ['ms IN (1, page)', '1 a number cannot be compared with text; write CAST(… AS DOUBLE) or CAST(… AS STRING)'],
  ])('%s: %s', (text, expected) => {
    expect(messages(text)).toEqual([expected]);
  });

  test('a filter must be a condition', () => {
    expect(check('ms', 'condition').faults[0]?.message).toContain('a condition is expected; this is a number');
    expect(check('any', 'condition').faults).toEqual([]);
  });
});
