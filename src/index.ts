/** What a configuration or a playbook may import, and nothing else. */

export { releaseName } from './application/release-name.ts';
export { matchesAddress } from './application/routing/pattern.ts';
export type { Route, Routing } from './application/routing/routing.ts';
export type { Source } from './application/source.ts';
export { type BackupRecord, backupRecordScript, parseBackupRecords } from './backups/record.ts';
export { shellTemplate, template } from './bundled/template.ts';
export { type Command, lines, quoteForUnit, sh, withInput } from './command/command.ts';
export { reveal, Secret } from './command/secret.ts';
export { aboutOf, type Demand, isSameDemand, isSecure, widestOf } from './config/about.ts';
export { addressOf, type Backups } from './config/backups.ts';
export type { Config, Mail, ProxiedAddress, Site, Worker } from './config/config.ts';
export { identifierOf } from './config/domain.ts';
export { type InventoryHost, meetsVisitors, type Role } from './config/inventory.ts';
export { lineOf } from './config/ssh-key.ts';
export { defineConfig, defineOverlay, type UserConfig, type UserOverlay } from './config-file/define.ts';
export type { ChangeStep } from './engine/change-step.ts';
export type { Difference } from './engine/difference.ts';
export type { Effect } from './engine/effect.ts';
export type { Checker, Handler } from './engine/handler.ts';
export type { Peer, Peers } from './engine/peers.ts';
export { definePlaybook, type EarlyScope, type Playbook, type Scope } from './engine/playbook.ts';
export { defineKind, type KindDefinition, type Resource } from './engine/resource.ts';
export type { ResourceId } from './engine/resource-id.ts';
export { type ShellLibrary, shellLibrary } from './engine/shell-library.ts';
export { Problem } from './error.ts';
export { codeOf } from './error-code.ts';
export { type Facts, versionOf } from './facts/facts.ts';
export { keysSettings } from './facts/ssh.ts';
export {
  type Check,
  type CheckDefinition,
  type CheckOf,
  defineCheck,
  type Explained,
  type Finding,
  type OfRelease,
  type Place,
} from './health/check.ts';
export { openStream } from './health/connect.ts';
export type { HealthContext } from './health/context.ts';
export { dnsCheck } from './health/dns.ts';
export { appCheck, nginxCheck } from './health/http.ts';
export { notRunning, oneLine, reason } from './health/reason.ts';
export { tcpCheck } from './health/tcp.ts';
export { tlsCheck } from './health/tls.ts';
export { visitorCheck } from './health/visitor.ts';
export {
  certificatesFolder,
  environmentSecret,
  hostToken,
  instancesFolder,
  mailSecret,
  maintenanceRule,
  nginxSnippet,
  rulesFolder,
  secretsFolder,
  sitePaths,
  sitesFolder,
  snippetsFolder,
  stateFolder,
  storedVersion,
} from './host-paths.ts';
export { bodyText, type Limits, timesOf } from './limits.ts';
export { group, user } from './resources/account.ts';
export { certificate } from './resources/certificate.ts';
export { command } from './resources/command.ts';
export { directory } from './resources/directory.ts';
export { file } from './resources/file.ts';
export { fleetCertificate } from './resources/fleet-certificate.ts';
export { type Hooks, live } from './resources/live.ts';
export { migrations } from './resources/migrations.ts';
export { mysqlDatabase, mysqlUser } from './resources/mysql.ts';
export { mysqlTimeZones } from './resources/mysql-time-zones.ts';
export { nftables } from './resources/nftables.ts';
export { packages } from './resources/package.ts';
export { release } from './resources/release.ts';
export { aptRepository } from './resources/repository.ts';
export { secret, secretPlace } from './resources/secret.ts';
export { selfSigned } from './resources/self-signed.ts';
export { reload, restart, service } from './resources/service.ts';
export { sharedFolder } from './resources/shared-folder.ts';
export { releaseLinks } from './resources/shell.ts';
export type { SnapshotOptions } from './resources/snapshot.ts';
export { symlink } from './resources/symlink.ts';
export { answersEveryAddress, processesOf, type RuntimeName, type SiteRuntime } from './runtimes/index.ts';
export { acceptsPhp } from './runtimes/php/accepts.ts';
export type { AptSource } from './runtimes/php/php.ts';
