import { lookup } from 'node:dns/promises';
import { Problem } from '../error.ts';
import { nearest } from '../nearest.ts';
import { parseTarget } from '../transport/target.ts';
import { isBackup } from './backup-path.ts';
import { sshHosts } from './ssh-hosts.ts';

/**
 * Returns the word after a command, which names a host. Throws a usage `Problem` (exit code 1) if it is not a host, if there is more than one
 * word, or if the first word resembles a command, so that no host is contacted by mistake.
 */
export async function targetOf(
  typed: readonly string[],
  { commands, takesBackup = false }: { readonly commands: readonly string[]; readonly takesBackup?: boolean | undefined },
  isKnown: (name: string) => Promise<boolean> = isKnownHost,
): Promise<string | undefined> {
  const [target, ...more] = typed;
  if (target === undefined) return undefined;
  if (takesBackup && more.length === 0 && isBackup(target)) return target;
  if (commands.includes(target))
    throw new Problem({
      message: `"${target}" is a command, and commands come before options.`,
      hint: `Write it first: foobar-provision ${[target, ...more].join(' ')} …`,
    });
  const meant = /[@.:[\]/]/.test(target) ? undefined : nearest(target, commands);
  if (meant && (more.length > 0 || !(await isKnown(target))))
    throw new Problem({
      message: `Unknown host "${target}".`,
      hint: `Did you mean the command ${meant}? Then: foobar-provision ${[meant, ...more].join(' ')}`,
    });
  if (more.length > 0)
    throw new Problem({
      message: `"${target}" is not a command, and more than one host was named: ${typed.join(', ')}.`,
      hint: `A run works on one host. The commands are ${commands.join(', ')}.`,
    });
  parseTarget(target);
  return target;
}

/** Returns whether ssh_config contains the name, or it has an address. */
async function isKnownHost(name: string): Promise<boolean> {
  if ((await sshHosts()).includes(name)) return true;
  return lookup(name).then(
    () => true,
    () => false,
  );
}
