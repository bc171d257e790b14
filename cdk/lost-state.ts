import { JobSpecError } from '../core/error/error.ts';
import type { Plan } from '../core/graph/plan.ts';
import { differenceOf, explainDifference, keepsAll } from '../core/graph/plan-difference.ts';
import { planIn } from '../functions/deployment/plan-file.ts';
import type { StreamJobProps } from './stream-job-props.ts';

/** Refuses a job that loses state of the one that is deployed, unless that is allowed. */
export function refuseLostState(plan: Plan, { deployedPlan, allowDroppedState = false }: StreamJobProps): void {
  if (deployedPlan === undefined || allowDroppedState) return;
  const difference = differenceOf(typeof deployedPlan === 'string' ? planIn(deployedPlan) : deployedPlan, plan);
  if (keepsAll(difference)) return;
  const message = `this change loses state of the deployed job:\n${explainDifference(difference)}give operators back their uids, or allow it: allowDroppedState, --allow-dropped-state`;
  throw new JobSpecError([{ path: '', message }]);
}
