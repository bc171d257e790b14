import fc from 'fast-check';

const scalar = fc.oneof(
  fc.constant(null),
  fc.constant(undefined),
  fc.boolean(),
  fc.double(),
  fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, 2 ** 53, 2 ** 32, -1),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud83d', '\ude00', '', 'a longer text that is more than twelve characters'),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array(),
  fc.float64Array(),
);

/** Any plain value, nested at most five deep. */
export const plainValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 5 }, scalar, tie('list'), tie('object'), tie('map'), tie('set')),
  list: fc.array(tie('any'), { maxLength: 5 }),
  object: fc.dictionary(
    fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '0', 'toString')),
    tie('any'),
    {
      maxKeys: 5,
      noNullPrototype: true,
    },
  ),
  map: fc.array(fc.tuple(tie('any'), tie('any')), { maxLength: 3 }).map((entries) => new Map(entries)),
  set: fc.array(tie('any'), { maxLength: 3 }).map((items) => new Set(items)),
})).any;

/** Values as jobs have them: many records of few shapes, with fields that may be absent. */
export const recordValues: fc.Arbitrary<unknown[]> = fc.oneof(
  fc.array(plainValue, { maxLength: 30 }),
  fc.array(
    fc.record(
      {
        page: fc.constantFrom('/', '/home', '/a page with a longer name'),
        ms: fc.double(),
        at: fc.integer(),
        user: plainValue,
      },
      { requiredKeys: ['page', 'at'], noNullPrototype: true },
    ),
    { maxLength: 60 },
  ),
  fc.array(
    fc.array(fc.record({ sku: fc.string(), price: fc.double(), sold: fc.date() }, { noNullPrototype: true }), {
      maxLength: 3,
    }),
    {
      maxLength: 40,
    },
  ),
);
