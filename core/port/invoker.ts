/**
 * Makes a task run though no data came: how the coordinator reaches the function of a stage.
 *
 * Laws: it resolves once the call is accepted, not once it has run; a call may run twice or, after an error, never, so
 * whoever calls looks again later. What is asked for is just a commit by whoever gets there first (P4).
 */
export interface Invoker {
  invoke(stage: string, command: TaskCommand): Promise<void>;
}

/** Touch a task: fire its processing-time timers, publish what is left, tell an overdue watermark, commit idleness. */
export type TaskCommand = { readonly kind: 'tick'; readonly shard: string };
