import { defineConfig } from 'tsdown';

/** One folder that needs no node_modules but jiti's: dependencies are bundled, and each command is a chunk that is loaded when it runs. */
export default defineConfig({
  entry: { bin: 'src/cli/bin.ts', index: 'src/index.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  shims: true,
  minify: false,
  dts: { entry: 'src/index.ts' },
  external: ['jiti', 'cpu-features'],
  noExternal: [/./],
  clean: true,
});
