/** What an execution environment is started with. */
export type EnvironmentStart = {
  /** The module of the handler, as a file URL, and the name of its export. */
  readonly module: string;
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
};

/** One invocation: the event as JSON, and when it will be stopped (epoch milliseconds). */
export type EnvironmentCall = { readonly requestId: string; readonly eventJson: string; readonly deadline: number };

export type EnvironmentAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'init failed'; readonly message: string }
  | { readonly kind: 'answered'; readonly requestId: string; readonly json: string }
  | { readonly kind: 'threw'; readonly requestId: string; readonly message: string };
