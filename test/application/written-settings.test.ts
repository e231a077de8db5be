import { describe, expect, test } from 'vitest';
import { writtenSettings } from '../../src/application/written-settings.ts';
import { filesNamed } from '../../src/runtimes/detected.ts';

describe('the settings files that an installer will write', () => {
  const installer = 'install/index.php';
  test.each<readonly [string, readonly string[], readonly string[]]>([
    ['a sample in the name', [installer, 'config.sample.php', 'config-db.dist.php'], ['config.php', 'config-db.php']],
    ['a sample as an extension', ['setup.php', 'includes/config.inc.php.dist'], ['includes/config.inc.php']],
    ['an environment', ['app/Http/Controllers/InstallController.php', '.env.example'], ['.env']],
    ['in the served folder', ['public/installer/index.php', 'public/config/settings-example.php'], ['public/config/settings.php']],
    ['two samples of one file', [installer, 'config-sample.php', 'config.php.dist'], ['config.php']],
    ['what the application brings itself', [installer, 'config.sample.php', 'config.php'], []],
    ['an application without an installer', ['config.sample.php', 'index.php'], []],
    ["an installer of a package's", ['vendor/a/install/index.php', 'tests/setup.php', 'config.sample.php'], []],
    ['a sample that is deeper', [installer, 'docs/examples/config.sample.php'], []],
    ['settings that a visitor could read', [installer, 'config.sample.json', 'config.ini.dist'], []],
  ])('%s', (_, paths, expected) => {
    expect(
      writtenSettings(
        filesNamed(paths, () => ''),
        'public',
      ),
    ).toEqual(expected);
  });
});
