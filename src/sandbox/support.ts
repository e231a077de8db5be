import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { mounts } from './mounts.ts';
import { missingPackages } from './tools.ts';

/** Bits of a capability set, from linux/capability.h. */
const needed = { CAP_NET_ADMIN: 12n, CAP_SYS_ADMIN: 21n };

/** Returns a sentence that says why this machine cannot run hosts, or undefined if it can. */
export function unsupported(): string | undefined {
  if (process.platform !== 'linux') return `A sandbox needs Linux, and this is ${process.platform}.`;
  if (process.getuid?.() !== 0) return 'A sandbox needs root: it mounts file systems and creates network interfaces.';
  const missing = missingCapabilities(readFileSync('/proc/self/status', 'utf8'));
  if (missing.length > 0) return `A sandbox needs ${missing.join(' and ')}, which this container withholds from root.`;
  const namespaces = ['mnt', 'net', 'pid', 'uts', 'ipc'].filter((name) => !existsSync(`/proc/self/ns/${name}`));
  if (namespaces.length > 0) return `A sandbox needs kernel namespaces that this machine does not have: ${namespaces.join(', ')}.`;
  if (!writableGroups()) return 'A sandbox needs a cgroup v2 file system mounted writable, for its services.';
  const packages = missingPackages();
  if (packages.length > 0 && !existsSync('/usr/bin/apt-get'))
    return `A sandbox needs tools that are not installed (Debian packages: ${packages.join(', ')}).`;
  return undefined;
}

/** Returns the capabilities that we need and that a /proc/PID/status text does not show as effective. */
export function missingCapabilities(status: string): readonly string[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  return Object.entries(needed)
    .filter(([, bit]) => ((effective >> bit) & 1n) === 0n)
    .map(([name]) => name);
}

function writableGroups(): boolean {
  return mounts().some((mount) => {
    if (mount.type !== 'cgroup2') return false;
    try {
      accessSync(mount.target, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  });
}
