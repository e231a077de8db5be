import { Secret } from '../command/secret.ts';
import type { Mail } from '../config/config.ts';
import type { UserMail } from './define.ts';

/**
 * Fills in the defaults of a mail relay. On the host itself (loopback) nothing is encrypted by default, and port 465 is encrypted from
 * the start (RFC 8314).
 */
export function mailOf({ host, port = 587, user, password, from, tls }: UserMail): Mail {
  const isOnHost = host === 'localhost' || host === '::1' || host.startsWith('127.');
  return {
    host,
    port,
    from,
    encryption: tls ?? (isOnHost ? 'none' : port === 465 ? 'implicit' : 'starttls'),
    ...(user !== undefined &&
      password !== undefined && { login: { user, password: password instanceof Secret ? password : new Secret(password) } }),
  };
}
