import { defineConfig } from 'vitest/config';

/** Tests that replace a module or a global share no modules with others. */
const apart = [
	'src/terminal/progress.test.ts',
	'src/records/store.test.ts',
	'test/docs.test.ts',
	'test/newMeasure.test.ts',
	'test/newPieces.test.ts',
];

export default defineConfig({
	test: {
		testTimeout: 60_000,
		projects: [
			{
				extends: true,
				// No module has state, so that files may share them: loading them anew for each takes a quarter of the suite's time.
				test: { name: 'shared', isolate: false, include: ['src/**/*.test.ts', 'test/**/*.test.ts'], exclude: apart },
			},
			{ extends: true, test: { name: 'apart', include: apart } },
		],
	},
});
