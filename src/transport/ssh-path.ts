import { homedir, hostname as localHost, userInfo } from 'node:os';
import { join } from 'node:path';

export interface Login {
  /** The name as it was given, before ssh_config. */
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
}

/** Expands `~`, `${NAME}` and the percent tokens of a path or a proxy's command, as ssh_config(5) lists them under TOKENS. */
export function expandPath(text: string, login: Login, environment: NodeJS.ProcessEnv = process.env): string {
  const path = expandTokens(text, login).replace(/\$\{(\w+)\}/g, (_, name: string) => environment[name] ?? '');
  return path === '~' || path.startsWith('~/') ? join(home(), path.slice(1)) : path;
}

export function expandTokens(text: string, login: Login): string {
  return text.replace(/%([%dhiLnpru])/g, (_, token: string) => {
    switch (token) {
      case 'd':
        return home();
      case 'h':
        return login.hostname;
      case 'i':
        return String(process.getuid?.() ?? '');
      case 'L':
        return localHost().split('.')[0] ?? '';
      case 'n':
        return login.name;
      case 'p':
        return String(login.port);
      case 'r':
        return login.user;
      case 'u':
        return userInfo().username;
      default:
        return '%';
    }
  });
}

/** OpenSSH takes the home directory from the password database, whatever HOME says; so the same files are meant. */
function home(): string {
  return userInfo().homedir || homedir();
}
