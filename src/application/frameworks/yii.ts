import { defineFramework, hasAll } from './framework.ts';

/** https://www.yiiframework.com/doc/guide/2.0/en/start-installation: the basic template serves `web`, the advanced one `frontend/web`. */
export const yii = defineFramework({
  name: 'Yii',
  recognize: (files) => {
    const common = { neverSent: ['runtime/*', '!runtime/.gitignore', 'web/assets/*', '!web/assets/.gitignore', '/web/index-test.php'] };
    if (hasAll(files, 'yii', 'web/index.php'))
      return { ...common, docroot: 'web', writable: ['runtime', 'web/assets'], logs: ['runtime/logs/*.log'] };
    return hasAll(files, 'frontend/web/index.php', 'common/config/main.php')
      ? {
          ...common,
          docroot: 'frontend/web',
          writable: ['console/runtime', 'frontend/runtime', 'frontend/web/assets'],
          logs: ['frontend/runtime/logs/*.log'],
        }
      : undefined;
  },
});
