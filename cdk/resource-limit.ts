/** What CloudFormation takes in one stack. */
export const MAX_RESOURCES = 500;

/** Says how a stack that is too large gets smaller. Alarms are four resources of about nine that a stage has. */
export function resourceFaults(resources: number, stages: number): string[] {
  if (resources <= MAX_RESOURCES) return [];
  const message = `the stack has ${resources} resources, ${stages} stages among them, and CloudFormation takes ${MAX_RESOURCES}`;
  return [`${message}; leave out the alarms of stages (alarms: false), or split the job at a stream into two`];
}
