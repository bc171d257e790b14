import { expectedOfJoin, type JoinCase, runJoin } from './join.ts';
import { expectedOfProcess, type ProcessCase, runProcess } from './process.ts';
import { expectedOfWindow, runWindow, type WindowCase } from './window.ts';

/** A golden case of any kind that the engine knows. */
export type GoldenCase = WindowCase | JoinCase | ProcessCase;

/** What a case gives; throws where it is refused. */
export function runCase(golden: GoldenCase): unknown {
  switch (golden.kind) {
    case 'window':
      return runWindow(golden);
    case 'join':
      return runJoin(golden);
    case 'process':
      return runProcess(golden);
  }
}

export function expectedOf(golden: GoldenCase): unknown {
  switch (golden.kind) {
    case 'window':
      return expectedOfWindow(golden);
    case 'join':
      return expectedOfJoin(golden);
    case 'process':
      return expectedOfProcess(golden);
  }
}
