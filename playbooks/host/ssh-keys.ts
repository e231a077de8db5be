import { aboutOf, definePlaybook, directory, file, keysSettings, lineOf, reload, template } from '../../src/index.ts';
import { checker, versionOf } from './ssh.ts';

/** A folder that only root can write, so that no site and no user can add a key. */
const folder = '/etc/ssh/authorized_keys.d';

/** sshd's own default, sshd_config(5). */
const usualFiles = '.ssh/authorized_keys .ssh/authorized_keys2';

/** Lets the people in `sshKeys` log in as the user that the host is provisioned as. The keys that the host has already stay valid. */
export default definePlaybook({
  name: 'ssh keys',
  presence: () => ['openssh-server'],

  resources: ({ config }, facts) => {
    const { people = [] } = config;
    if (people.length === 0 || versionOf(facts) === undefined || !aboutOf(config, facts.others).decides) return [];
    const keys = people.flatMap(({ name, keys }) => [`# ${name}`, ...keys.map(lineOf)]);
    return [
      directory(folder),
      file(`${folder}/foobar-provision.${facts.ssh.login.user}`, { content: template('host/authorized-keys', { keys: keys.join('\n') }) }),
      file(keysSettings, {
        content: template('host/sshd-keys.conf', { files: withoutNone(facts.ssh.keyFiles ?? usualFiles), folder }),
        notify: reload('ssh', checker),
      }),
    ];
  },

  remarks: ({ config }, facts) => {
    if (config.people === undefined || config.people.length === 0) return [];
    if (versionOf(facts) === undefined) return ['sshKeys has no effect, because the SSH server of this host is not OpenSSH.'];
    const { decides } = aboutOf(config, facts.others);
    if (decides) return [];
    const first = facts.others?.find((each) => each.decides)?.name;
    return [`sshKeys has no effect here: the configuration ${first} was on this host first, so its sshKeys decide who may log in.`];
  },
});

function withoutNone(files: string): string {
  return files.toLowerCase() === 'none' ? '' : `${files} `;
}
