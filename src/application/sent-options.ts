import type { RuntimeName } from '../runtimes/index.ts';

/** The settings of a configuration for the files to send. */
export interface SentOptions {
  readonly docroot?: string | undefined;
  readonly runtime?: RuntimeName | undefined;
  readonly exclude?: readonly string[] | undefined;
}
