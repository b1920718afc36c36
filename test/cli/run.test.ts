/** `rationale run` on a small study with a fake model. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { outFolder } from '../../src/cli/outFolder.ts';
import { createSmallStudy, goodAndBad, type SmallStudy } from '../support/smallStudy.ts';
import { type Options, type Outcome, runInMemory } from './inMemory.ts';

let study: SmallStudy;
beforeEach(async () => {
	study = await createSmallStudy();
});
afterEach(() => study.remove());

function run(argv: readonly string[] = [], options: Options = {}): Promise<Outcome> {
	return runInMemory(['run', join(study.folder, 'small.yaml'), '--out', study.out, ...argv], {
		model: goodAndBad,
		...options,
	});
}

it('prints the table and where the files are, then does nothing', async () => {
	const { code, out } = await run();
	expect(code).toBe(0);
	expect(out).toContain('accuracy');
	for (const name of ['report.html', 'summary.json', 'records.jsonl']) {
		expect(out).toContain(join(study.out, name));
		expect(existsSync(join(study.out, name))).toBe(true);
	}
	const again = await run();
	expect([again.code, again.opened, again.out]).toEqual([0, [], out]);
	expect(again.notes).toContain('nothing was computed');
});

it('prints the summary alone with --json, and nothing with --quiet', async () => {
	const { out } = await run(['--json']);
	expect(JSON.parse(out)).toEqual(JSON.parse(readFileSync(join(study.out, 'summary.json'), 'utf8')));
	const quiet = await run(['--quiet']);
	expect([quiet.code, quiet.out, quiet.notes]).toEqual([0, '', '']);
});

it('shows progress of slow work on standard error', async () => {
	let time = 0;
	const { out, notes } = await run(['--json'], { now: () => (time += 1500) });
	expect(notes).toMatch(/^fake x sentences {2}\d\/4 {2}/mu);
	expect(notes).toMatch(/^fake x sentences {2}4\/4 {2}in /mu);
	expect(() => JSON.parse(out) as unknown).not.toThrow();
});

it('keeps what was computed when stopped, ends with 130 and continues', async () => {
	const controller = new AbortController();
	const beforeCall = (count: number): void => (count === 6 ? controller.abort() : undefined);
	const stopped = await run([], { model: { ...goodAndBad, beforeCall }, signal: controller.signal });
	expect([stopped.code, stopped.out]).toEqual([130, '']);
	expect(stopped.notes).toContain('the same command continues');
	const kept = readFileSync(join(study.out, 'records.jsonl'), 'utf8');
	expect(kept.split('\n').length).toBeGreaterThan(1);
	expect((await run()).code).toBe(0);
	expect(readFileSync(join(study.out, 'records.jsonl'), 'utf8').startsWith(kept)).toBe(true);
});

it('writes to runs/ and the name of the study file unless told where', () => {
	expect(outFolder(join('a', 'my.study.yaml'), undefined)).toBe(join('runs', 'my.study'));
	expect(outFolder('a.yaml', 'there')).toBe('there');
});

it('ends with 1 for a study file with mistakes', async () => {
	await study.write({ metods: [] });
	const { code, notes } = await run();
	expect(code).toBe(1);
	expect(notes).toContain('Did you mean "methods"?');
});

it('prints passes, tokens and time per method with --dry-run, and writes nothing', async () => {
	const path = join(study.folder, 'small.yaml');
	const { code, out } = await runInMemory(['run', path, '--dry-run', '--quiet'], { model: goodAndBad });
	expect(code).toBe(0);
	expect(out).toContain('fake on sentences  4 texts');
	expect(out).toMatch(/attention +4 +4 /u);
	// The time decides where lines end.
	expect(out.replaceAll(/\s+/gu, ' ')).toContain('Nothing was written.');
	// Random words and those that people marked ask nothing of a model.
	expect(out).not.toContain('offers no');
	expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
	const json = await runInMemory(['run', path, '--dry-run', '--json', '--quiet'], { model: goodAndBad });
	expect(JSON.parse(json.out)).toMatchObject([{ model: 'fake', dataset: 'sentences', texts: 4 }]);
	expect(existsSync(study.out)).toBe(false);
});
