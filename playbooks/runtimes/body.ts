/** The largest body of a request that reaches an application: a file of 32 MiB, and what is sent with it. */
export const largestBody = '34M';
