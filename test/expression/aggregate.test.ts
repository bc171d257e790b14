import { describe, expect, test } from 'vitest';
import { checkAggregate, compileAggregate, parseAggregate, readAggregate } from '../../core/expression/aggregate.ts';

const faultsOf = (text: string): string[] => {
  const outcome = readAggregate(text);
  return outcome.kind === 'ok' ? [] : outcome.faults.map(({ offset, message }) => `${offset} ${message}`);
};

describe('aggregates', () => {
  test.each([
    ['count(*)', { name: 'count', distinct: false, arguments: [] }],
    ['COUNT(DISTINCT user)', { name: 'count', distinct: true, arguments: [expect.anything()] }],
    ['percentile(ms, 0.95)', { name: 'percentile', fraction: 0.95, arguments: [expect.anything()] }],
    ['first_value(page)', { name: 'first' }],
    ['stddev(ms)', { name: 'stddev_samp' }],
    ['variance(ms)', { name: 'var_samp' }],
    ['max_by(page, ms)', { name: 'max_by', arguments: [expect.anything(), expect.anything()] }],
    ['approx_count_distinct(user)', { name: 'approx_count_distinct' }],
    ['sum(distinct price * 2)', { name: 'sum', distinct: true }],
    ['min(distinct.x)', { name: 'min', distinct: false }],
  ])('%s', (text, expected) => {
    expect(parseAggregate(text)).toMatchObject({ kind: 'aggregate', text, ...expected });
  });

  test('arguments and filter become functions of the record', () => {
    const { arguments: given, where } = compileAggregate("sum(price * quantity) filter (where agent <> 'bot')");
    expect(given.map((accessor) => accessor({ price: 2, quantity: 21 }))).toEqual([42]);
    expect(given.map((accessor) => accessor({ price: 2 }))).toEqual([null]);
    expect([where?.({ agent: 'x' }), where?.({ agent: 'bot' }), where?.({})]).toEqual([true, false, false]);
  });

  test.each([
    [
      'cuont(*)',
      '1 an aggregate such as count(*), sum(price) or max(ms) is expected; did you mean "count"?; found "cuont"',
    ],
    ['price', '1 an aggregate such as count(*), sum(price) or max(ms) is expected; found "price"'],
    [
      'count(*) + 1',
      '10 an aggregate stands alone: compute with its result in an operator after the window; found "+"',
    ],
    [
      'sum(max(x))',
      '5 max is an aggregate over many records; write it under "aggregate", alone and not within an expression',
    ],
    ['sum(*)', '5 only count takes *; found "*"'],
    ['count()', '7 count takes 1 argument or *, not 0'],
    ['first(distinct x)', '7 first does not take DISTINCT; leave it out'],
    ['percentile(ms, 95)', '16 the fraction of a percentile is a number from 0 to 1, like 0.95'],
    ['percentile(ms)', '12 percentile takes 2 arguments, not 1'],
    ['sum(1)', '5 sum of a constant says nothing of the records; name a column'],
    ['sum(x) filter (x > 1)', '16 WHERE is missing in FILTER (WHERE condition); found "x"'],
  ])('%s is refused: %s', (text, expected) => {
    expect(faultsOf(text)).toEqual([expected]);
  });

  test('columns, types and results are checked against a schema', () => {
    const schema = { page: 'string', ms: 'int', geo: { lat: 'double' } } as const;
    const check = (text: string) => checkAggregate(parseAggregate(text), schema, { input: 'clicks' });
    expect(check('sum(ms)')).toEqual({ type: 'int', faults: [] });
    expect(check('avg(ms)').type).toBe('double');
    expect(check('count(*)').type).toBe('bigint');
    expect(check('collect(page)').type).toEqual(['string']);
    expect(check('sum(page)').faults).toEqual([{ offset: 5, length: 4, message: 'sum takes numbers; this is text' }]);
    expect(check('max(geo)').faults[0]?.message).toBe('max takes values that have an order; this is a record');
    expect(check('count(*) filter (where pgae = 1)').faults[0]?.message).toContain('did you mean "page"?');
  });
});
