/** What a configuration says of the files that are sent. */
export interface SentOptions {
  readonly docroot?: string | undefined;
  readonly exclude?: readonly string[] | undefined;
}
