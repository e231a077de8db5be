import { type Handler, sh } from '../../src/index.ts';

/** For the files of units that something else starts: reloads systemd so that it knows them. */
export const daemonReload: Handler = {
  verb: 'reload',
  unit: 'systemd',
  summary: 'systemctl daemon-reload',
  command: sh`systemctl daemon-reload`,
};

/** Returns the handler for the file of one of our running units, which restarts the unit with the new content. */
export function restartAnew(unit: string): Handler {
  return { verb: 'restart', unit, summary: `restart ${unit}`, command: sh`systemctl daemon-reload && systemctl try-restart ${unit}` };
}
