import { Secret } from '../command/secret.ts';

let sudoPassword: Secret | undefined;

/** Takes secrets out of the environment, before a build command, git, a ProxyCommand or the configuration could inherit them. */
export function takeSecrets(environment: NodeJS.ProcessEnv = process.env): void {
  const password = environment.FOOBAR_SUDO_PASSWORD;
  delete environment.FOOBAR_SUDO_PASSWORD;
  if (password) sudoPassword = new Secret(password);
}

/** Returns the sudo password from the environment. */
export function sudoPasswordGiven(): Secret | undefined {
  takeSecrets();
  return sudoPassword;
}
