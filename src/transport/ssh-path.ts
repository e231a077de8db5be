import { homedir, hostname as localHost, userInfo } from 'node:os';
import { join } from 'node:path';

export interface TokenValues {
  /** The name that the user gave, before ssh_config is applied. */
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
}

/** Expands `~`, `${NAME}` and percent tokens in a path, as ssh_config(5) describes them under TOKENS. */
export function expandPath(text: string, values: TokenValues, environment: NodeJS.ProcessEnv = process.env): string {
  const path = expandTokens(text, values).replace(/\$\{(\w+)\}/g, (_, name: string) => environment[name] ?? '');
  return path === '~' || path.startsWith('~/') ? join(home(), path.slice(1)) : path;
}

/** Expands the percent tokens in a path or a ProxyCommand. */
export function expandTokens(text: string, values: TokenValues): string {
  return text.replace(/%([%dhiLnpru])/g, (_, token: string) => {
    switch (token) {
      case 'd':
        return home();
      case 'h':
        return values.hostname;
      case 'i':
        return String(process.getuid?.() ?? '');
      case 'L':
        return localHost().split('.')[0] ?? '';
      case 'n':
        return values.name;
      case 'p':
        return String(values.port);
      case 'r':
        return values.user;
      case 'u':
        return userInfo().username;
      default:
        return '%';
    }
  });
}

/** Returns the home directory from the password database, as OpenSSH does, whatever HOME says. */
function home(): string {
  return userInfo().homedir || homedir();
}
