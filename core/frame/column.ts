/**
 * Many values as columns: the body of a frame.
 *
 * A column is a kind and what that kind needs. Records of one shape (the same fields in the same order) are one column
 * of that shape and then a column for each field, so that names are written once, numbers stand side by side and texts
 * that repeat are written once. Values of several classes are divided into a column for each class.
 */
export const COLUMN = {
  /** One value that all are. */
  constant: 0,
  /** Whole numbers as offsets from the least, in 1, 2 or 4 bytes. */
  integers: 1,
  floats: 2,
  /** Lengths and one run of bytes. */
  texts: 3,
  /** Distinct texts and the place of each value among them. */
  dictionary: 4,
  booleans: 5,
  /** Names, then a column for each. */
  objects: 6,
  /** Lengths, then one column of all items. */
  arrays: 7,
  /** The class of each value, then a column for each class. */
  union: 8,
  /** Anything else, value by value. */
  values: 9,
  dates: 10,
} as const;

/** How texts are written: ASCII, where a character is a byte; UTF-8; UTF-16 where one has half a surrogate pair. */
export const TEXT = { ascii: 0, utf8: 1, utf16: 2 } as const;

/** Deeper than this, values are written one by one: columns gain little there. */
export const MAX_COLUMN_DEPTH = 12;

/** A union of more classes (shapes, mostly) is written value by value. */
export const MAX_CLASSES = 64;

/** An object of more fields is a table of its own kind, and written value by value. */
export const MAX_FIELDS = 512;
