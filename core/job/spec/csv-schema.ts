import * as z from 'zod';
import { Column } from './scalar-schema.ts';

/** Options of CSV, which several connectors share. */
export const CsvShape = {
  delimiter: z
    .string()
    .length(1, { error: ({ input }) => `${JSON.stringify(input)} is not one character` })
    .exactOptional()
    .describe('Between the cells of CSV: one character. A comma unless said; a tab for files that end in .tsv.'),
  quote: z
    .string()
    .length(1, { error: ({ input }) => `${JSON.stringify(input)} is not one character` })
    .exactOptional()
    .describe('Around cells of CSV that hold delimiters: one character, " unless said.'),
  columns: z
    .array(Column)
    .exactOptional()
    .describe('Names of the columns of a CSV file without a header line. Absent: the first line has them.'),
  types: z
    .union(
      [
        z.enum(['infer', 'text']),
        z.record(z.string(), z.enum(['string', 'int', 'bigint', 'double', 'boolean', 'timestamp'])),
      ],
      { error: () => 'types are infer, text, or a type for each column, such as { price: double }' },
    )
    .exactOptional()
    .describe('Types of CSV columns: infer (unless said), text, or a type for each column.'),
};
