import { type Handler, sh } from '../../src/index.ts';

/** For files of units that something else starts: systemd knows them from now on. */
export const daemonReload: Handler = {
  verb: 'reload',
  unit: 'systemd',
  summary: 'systemctl daemon-reload',
  command: sh`systemctl daemon-reload`,
};

/** For the file of a unit of ours that runs: it goes on as the file now has it. */
export function restartAnew(unit: string): Handler {
  return { verb: 'restart', unit, summary: `restart ${unit}`, command: sh`systemctl daemon-reload && systemctl try-restart ${unit}` };
}
