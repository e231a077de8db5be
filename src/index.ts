/** What a configuration or a playbook may import, and nothing else. */

export { type Command, quoteForUnit, sh, shell } from './command/command.ts';
export { Secret } from './command/secret.ts';
export type { Config, Site, Source } from './config/config.ts';
export { defineConfig, type UserConfig } from './config/define.ts';
export { identifierOf } from './config/domain.ts';
export { type Facts, versionOf } from './engine/facts.ts';
export { definePlaybook, type Playbook, type Scope } from './engine/playbook.ts';
export type { Checker, Handler, Resource } from './engine/resource.ts';
export { template } from './engine/template.ts';
export { Problem } from './error.ts';
export type { Check } from './health/check.ts';
export { group, user } from './resources/account.ts';
export { certificate } from './resources/certificate.ts';
export { command } from './resources/command.ts';
export { directory } from './resources/directory.ts';
export { file } from './resources/file.ts';
export { live } from './resources/live.ts';
export { migrations } from './resources/migrations.ts';
export { mysqlDatabase, mysqlUser } from './resources/mysql.ts';
export { nftables } from './resources/nftables.ts';
export { packages } from './resources/package.ts';
export { release } from './resources/release.ts';
export { aptRepository } from './resources/repository.ts';
export { secret, secretPlace } from './resources/secret.ts';
export { selfSigned } from './resources/self-signed.ts';
export { reload, restart, service } from './resources/service.ts';
export { symlink } from './resources/symlink.ts';
