/** Where the host keeps what we last applied; root's alone, mode 0700. */
export const stateFolder = '/var/lib/foobar-provision';

/** Where the application's secrets are kept on the host (root, 0700). */
export const secretsFolder = '/etc/foobar-provision/secrets';
