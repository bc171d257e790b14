import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CoordinatorEnvironment,
  coordinatorVariables,
  inboxOf,
  intakeVariables,
  readCoordinatorEnvironment,
  readIntakeEnvironment,
  readStageEnvironment,
  type StageEnvironment,
  stageVariables,
} from '../../functions/deployment/environment.ts';
import { coordinatorName, intakeName, physicalName } from '../../functions/deployment/physical-name.ts';

const shared = { deployment: 'page-views', job: 'page-views', table: 'Table-1', bucket: 'bucket-1', incarnation: 1 };
const perPage: StageEnvironment = {
  ...shared,
  stage: 'perPage',
  inboxes: { perPage: { stream: 'page-views-perPage' }, spikes: { stream: 'page-views-spikes' } },
  sinks: { table: 'PageViews' },
};
const clicks: StageEnvironment = {
  ...shared,
  incarnation: 3,
  stage: 'clicks',
  inboxes: { perPage: { stream: 'page-views-perPage' } },
  source: { kind: 'kinesis-stream', address: 'clicks' },
  sinks: {},
};

describe('the environment of a stage', () => {
  it('is read as it was written', () => {
    for (const environment of [perPage, clicks]) {
      expect(readStageEnvironment(stageVariables(environment))).toEqual(environment);
    }
  });

  it('without an incarnation is that of the first', () => {
    const { MILLRACE_INCARNATION: absent, ...rest } = stageVariables(clicks);
    expect(absent).toBe('3');
    expect(readStageEnvironment(rest).incarnation).toBe(1);
    expect(() => readStageEnvironment({ ...rest, MILLRACE_INCARNATION: '0' })).toThrow('MILLRACE_INCARNATION is 0');
  });

  it('names the variable that is missing or broken', () => {
    for (const name of Object.keys(stageVariables(perPage))) {
      expect(() => readStageEnvironment({ ...stageVariables(perPage), [name]: undefined })).toThrow(name);
    }
    const broken = { ...stageVariables(perPage), MILLRACE_INBOXES: '[' };
    expect(() => readStageEnvironment(broken)).toThrow('MILLRACE_INBOXES holds no JSON: [');
  });
});

describe('the environment of the coordinator', () => {
  it('is read as it was written, with the functions and inboxes of all stages', () => {
    const environment: CoordinatorEnvironment = {
      ...shared,
      stages: {
        clicks: { function: 'page-views-clicks', source: { kind: 'kinesis-stream', address: 'clicks' } },
        perPage: { function: 'page-views-perPage', inbox: { stream: 'page-views-perPage' } },
      },
    };
    expect(readCoordinatorEnvironment(coordinatorVariables(environment))).toEqual(environment);
  });

  it('of sixty stages fits the 4 KB that Lambda has for it', () => {
    const names = Array.from({ length: 60 }, (_, index) => `a stage with a longer name ${index}`);
    const stages = Object.fromEntries(names.map((name) => [name, { function: physicalName('page-views', name) }]));
    expect(JSON.stringify(coordinatorVariables({ ...shared, stages })).length).toBeLessThan(4_096);
  });
});

describe('the environment of an intake', () => {
  it('is read as it was written, with the stream that its stage reads', () => {
    const environment = { deployment: 'page-views', stage: 'clicks' };
    const stream = inboxOf('page-views', 'clicks').stream;
    expect(readIntakeEnvironment(intakeVariables(environment))).toEqual({ ...environment, stream });
    expect(() => readIntakeEnvironment({ MILLRACE_DEPLOYMENT: 'page-views' })).toThrow('MILLRACE_STAGE is missing');
  });
});

describe('physical names', () => {
  it('are legal, and of two stages never the same', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 100 }), fc.string({ minLength: 1, maxLength: 100 }), (a, b) => {
        const names = [a, b].map((stage) => physicalName('page-views', stage));
        for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        expect(names[0] === names[1]).toBe(a === b);
        expect(names).not.toContain(coordinatorName('page-views'));
        for (const stage of [a, b]) {
          const intake = intakeName('page-views', stage);
          expect(intake).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
          expect([...names, coordinatorName('page-views')]).not.toContain(intake);
        }
      }),
    );
  });

  it('read as the job and the stage where they fit', () => {
    expect(physicalName('page-views', 'perPage')).toBe('page-views-perPage');
    expect(coordinatorName('page-views')).toBe('page-views_coordinator');
    expect(intakeName('page-views', 'clicks')).toBe('page-views_intake-clicks');
  });
});
