/** Let's Encrypt's directories, https://letsencrypt.org/docs/acme-protocol-updates/ and /docs/staging-environment/. */
export const letsEncrypt = {
  directory: 'https://acme-v02.api.letsencrypt.org/directory',
  staging: 'https://acme-staging-v02.api.letsencrypt.org/directory',
} as const;
