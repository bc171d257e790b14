import { expect } from 'vitest';
import { collect } from '../../../core/connector/collect.ts';
import { ALL_CONNECTORS } from '../../../core/connector/registry.ts';
import { formatFault } from '../../../core/error/error.ts';
import * as runtime from '../../../core/expression/runtime/runtime.ts';
import { checkedJobOfSpec } from '../../../core/job/spec/build.ts';
import { CompiledExpressions, type CompiledText } from '../../../core/job/spec/compiled-expressions.ts';
import { readDocument } from '../../../core/job/spec/document.ts';
import { ExpressionRecorder, type RecordedCode } from '../../../core/job/spec/expression-recorder.ts';
import type { SpecModules } from '../../../core/job/spec/function-resolver.ts';
import { allFaults, pathText } from '../../../core/job/spec/spec-fault.ts';
import { structureOf } from '../../../core/job/spec/structure.ts';
import { runLocal } from '../../../core/local/run-local.ts';
import type { Timestamped } from '../../../core/window/evictor.ts';

/** A spec's text made into a job, with all its faults as the command line tells them. */
export function specOf(text: string, modules: SpecModules = {}) {
  const document = readDocument(text, 'job.yaml');
  const { spec, faults } = structureOf(document.value);
  const recorder = new ExpressionRecorder();
  const built = checkedJobOfSpec(spec, { modules, connectors: ALL_CONNECTORS, expressions: recorder });
  const told = [
    ...document.faults.map(({ path, message, place }) => formatFault({ path: pathText(path), message, place })),
    ...allFaults(faults, built.faults).map(({ path, message, at, offset }) =>
      formatFault({ path: pathText(path), message, place: document.locate(path, at, offset) }),
    ),
  ];
  if (told.length > 0) return { job: built.job, faults: [...new Set(told)] };
  // What runs is what a bundle holds, with the code of the expressions in place of their compiler.
  const expressions = new CompiledExpressions(evaluated(recorder.recorded()));
  return { job: checkedJobOfSpec(spec, { modules, connectors: ALL_CONNECTORS, expressions }).job, faults: [] };
}

/** The recorded code with no more of the runtime than it names. */
function evaluated({ code, names }: RecordedCode): readonly CompiledText[] {
  const given = Object.fromEntries(Object.entries(runtime).filter(([name]) => names.includes(name)));
  expect(Object.keys(given).sort()).toEqual(names);
  return new Function('$', `return ${code};`)(given);
}

/** What reaches the sink `out` of a spec, and at which event time. */
export async function resultsOf(text: string, modules: SpecModules = {}): Promise<readonly Timestamped<unknown>[]> {
  const { job, faults } = specOf(text, modules);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const sink = collect<unknown>();
  const nodes = job.graph.nodes.map((node) => (node.kind === 'sink' && node.uid === 'out' ? { ...node, sink } : node));
  await (await runLocal({ ...job.graph, nodes })).done;
  return sink.values.map((value, index) => ({ value, timestamp: sink.timestamps[index] ?? 0 }));
}
