import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runInMemory } from './inMemory.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/metrics/${name}`, import.meta.url));

describe('rationale score', () => {
	it('prints one object with --json', async () => {
		const { code, out } = await runInMemory([
			'score',
			fixture('predictions.jsonl'),
			'--data',
			fixture('data'),
			'--json',
		]);
		expect(code).toBe(0);
		expect(JSON.parse(out)).toMatchObject({
			'token_f1.macro': expect.closeTo(0.4819642857, 9) as number,
			tau_loo: null,
			evaluable: 'yes',
		});
	});

	it('says with --json that answers of one label void faithfulness', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'score-'));
		const file = join(folder, 'predictions.jsonl');
		const lines = readFileSync(fixture('predictions.jsonl'), 'utf8').trim().split('\n');
		const [{ classification }] = lines.map((line) => JSON.parse(line) as object) as [{ classification: string }];
		writeFileSync(file, lines.map((line) => `${JSON.stringify({ ...JSON.parse(line), classification })}\n`).join(''));
		const { out } = await runInMemory(['score', file, '--data', fixture('data'), '--json']);
		rmSync(folder, { recursive: true });
		expect(JSON.parse(out)).toMatchObject({ flip_rate: null, evaluable: 'no' });
	});

	it('prints tables that fit 80 columns', async () => {
		const { code, out } = await runInMemory(['score', fixture('predictions.jsonl'), '--data', fixture('data')]);
		expect(code).toBe(0);
		expect(out).toMatch(/token_f1\.macro +0\.4820 +\[0\.40, 0\.56\] +0\.1622 +40 +0/u);
		expect(out).toMatch(/eraser\.iou_f1\.macro +0\.3676/u);
		expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
	});

	it('asks for the folder and for the split', async () => {
		expect((await runInMemory(['score', fixture('predictions.jsonl')])).notes).toContain('--data');
		const folder = mkdtempSync(join(tmpdir(), 'score-'));
		const { notes } = await runInMemory(['score', fixture('predictions.jsonl'), '--data', folder]);
		rmSync(folder, { recursive: true });
		expect(notes).toContain('found no split');
	});
});
