/** The exit codes of the command line; `CLI` documentation lists what each promises. */
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
  /** What happened, one sentence. */
  readonly message: string;
  /** What the user can do now, one or more sentences. */
  readonly hint?: string;
  readonly exit?: ExitCode;
  /** The host as the user named it. */
  readonly host?: string;
  /** The step of a run, e.g. `file:/etc/nginx/nginx.conf`. */
  readonly step?: string;
  /** The command, with secrets redacted. */
  readonly command?: string;
  readonly commandExit?: number;
  /** What the command wrote to its standard error, secrets redacted; of more than a few pages the end is kept. */
  readonly stderr?: string;
  readonly cause?: unknown;
}

/** Characters of a program's own words that are kept. */
const mostWords = 16_000;

/**
 * Every failure that a user can meet. It says what happened, where, why and what to do next;
 * anything else that is thrown is a defect of ours and is shown with its trace.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly details: ProblemDetails;

  constructor(details: ProblemDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    const { stderr } = details;
    // Whole lines, as long as there are any.
    this.details =
      stderr && stderr.length > mostWords ? { ...details, stderr: stderr.slice(-mostWords).replace(/^[^\n]*\n/, '') } : details;
  }

  get exit(): ExitCode {
    return this.details.exit ?? exitCode.failed;
  }
}
