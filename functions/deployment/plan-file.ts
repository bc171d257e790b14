import { readFileSync } from 'node:fs';
import { JobSpecError, reasonOf } from '../../core/error/error.ts';
import type { Plan } from '../../core/graph/plan.ts';

/** The plan in a file that `millrace plan` wrote. @throws JobSpecError where there is none */
export function planIn(file: string): Plan {
  try {
    const plan = JSON.parse(readFileSync(file, 'utf8')) as Partial<Plan>;
    if (plan.version === 1 && plan.stages !== undefined && plan.exchanges !== undefined) return plan as Plan;
    throw new Error('it is no plan; millrace plan writes one');
  } catch (error) {
    throw new JobSpecError([{ path: 'deployedPlan', message: reasonOf(error), place: { file } }]);
  }
}
