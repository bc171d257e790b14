import { expect, it } from 'vitest';
import { stateBytesOf } from '../../functions/stage/state-memory.ts';

it('the state of a task takes an eighth of what the function has, and the default where Lambda does not say', () => {
  expect(stateBytesOf({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024' })).toBe(134_217_728);
  expect(stateBytesOf({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256' })).toBe(33_554_432);
  expect(stateBytesOf({})).toBeUndefined();
  expect(stateBytesOf({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: 'much' })).toBeUndefined();
});
