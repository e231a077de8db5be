/** Throwaway real hosts on this machine, with systemd as process 1, sshd and a network of their own. Requires Linux and root. */
export { down } from './down.ts';
export { list } from './list.ts';
export { boot, powerCut } from './power.ts';
export { publishAs } from './publish-as.ts';
export type { Sandbox, Suite, UpOptions } from './sandbox.ts';
export { suites } from './sandbox.ts';
export { sshArguments } from './ssh.ts';
export { unsupported } from './support.ts';
export { prepare, up } from './up.ts';
