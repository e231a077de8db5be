import { type Handler, sh } from '../../src/index.ts';

/** For files of units that something else starts: systemd knows them from now on. */
export const daemonReload: Handler = {
  id: 'reload:systemd',
  summary: 'systemctl daemon-reload',
  unit: 'systemd',
  command: sh`systemctl daemon-reload`,
};

/** For the file of a unit of ours that runs: it goes on as the file now has it. */
export function restartAnew(unit: string): Handler {
  return { id: `restart:${unit}`, summary: `restart ${unit}`, unit, command: sh`systemctl daemon-reload && systemctl try-restart ${unit}` };
}
