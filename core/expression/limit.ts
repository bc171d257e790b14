/**
 * Bounds on a text before it is trusted with the stack and with memory. Texts come from people and from generators, so
 * the bounds are wide for both and still far from what a default stack holds.
 */

/** Characters of one expression: an IN list of some ten thousand identifiers fits. */
export const MAX_TEXT_LENGTH = 200_000;

/** How deep operators, calls and parentheses may nest. AND, OR, IN and CASE do not nest however long they are. */
export const MAX_DEPTH = 128;

/** Characters that a text function may make for one record, since REPEAT and LPAD take their length from the data. */
export const MAX_MADE_TEXT = 1_048_576;

/** How much of an expression or of a value an error message repeats. */
export const MAX_QUOTED = 80;
