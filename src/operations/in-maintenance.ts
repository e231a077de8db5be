import type { Survey } from '../engine/survey.ts';

/** Returns whether the site is in maintenance, as the playbook of nginx has observed on the host. */
export function isInMaintenance({ observed }: Survey, domain: string): boolean {
  return observed.get(`nginx ${domain}`) === 'maintenance';
}
