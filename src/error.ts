/** The exit codes of the command line. The documentation of commands says what each of them means. */
export const exitCode = {
  done: 0,
  failed: 1,
  changes: 2,
  locked: 3,
  unreachable: 4,
  rolledBack: 5,
  unhealthy: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

export interface ProblemDetails {
  /** What failed, in one sentence. */
  readonly message: string;
  /** What the user can do now, in one or more sentences. */
  readonly hint?: string;
  /** True if the user's own code wrote it, so that nothing is added to it. */
  readonly verbatim?: boolean;
  readonly exit?: ExitCode;
  /** The host as the user named it. */
  readonly host?: string;
  /** The domain of the only one of several sites that failed. */
  readonly site?: string;
  /** The step of a run, e.g. `file:/etc/nginx/nginx.conf`. */
  readonly step?: string;
  /** The command, with secrets redacted. */
  readonly command?: string;
  readonly commandExit?: number;
  /** The command's standard error, with secrets redacted. Only the last few pages are kept. */
  readonly stderr?: string;
  readonly cause?: unknown;
}

/** The number of characters of standard error that are kept. */
const maxStderrLength = 16_000;

/**
 * An expected failure. It says what happened, where, why and what to do next.
 * Any other error is a bug in this program and is shown with its stack trace.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly details: ProblemDetails;

  constructor(details: ProblemDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    const { stderr } = details;
    // Cut at the start of a line if there is one.
    this.details =
      stderr && stderr.length > maxStderrLength ? { ...details, stderr: stderr.slice(-maxStderrLength).replace(/^[^\n]*\n/, '') } : details;
  }

  /** Returns the same problem with a sentence added to its hint, unless it says so already or is verbatim. */
  withHint(sentence: string): Problem {
    const { hint, verbatim } = this.details;
    if (verbatim || hint?.includes(sentence)) return this;
    return new Problem({ ...this.details, hint: hint ? `${hint} ${sentence}` : sentence });
  }

  get exit(): ExitCode {
    return this.details.exit ?? exitCode.failed;
  }
}

/** Returns the message of whatever was thrown. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
