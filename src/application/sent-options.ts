/** The settings of a configuration for the files to send. */
export interface SentOptions {
  readonly docroot?: string | undefined;
  readonly exclude?: readonly string[] | undefined;
}
