import type { CheckKind } from './check.ts';
import { dns } from './dns.ts';
import { fpm } from './fpm.ts';
import { http } from './http.ts';
import { mysql } from './mysql.ts';
import { tcp } from './tcp.ts';
import { tls } from './tls.ts';

/** All kinds of checks. */
export const checkKinds = [dns, tcp, tls, http, fpm, mysql];

type CheckOf<Kind> = Kind extends CheckKind<infer C> ? C : never;

/**
 * One hop of the request path, as data: a playbook defines the question and the healthy answer,
 * and the verification asks.
 */
export type Check = CheckOf<(typeof checkKinds)[number]>;

/** The hops in the order in which a request passes them; results are reported in this order. */
export const path: readonly string[] = ['dns', 'tcp', 'tls', 'nginx', 'php-fpm', 'mysql', 'app'];
