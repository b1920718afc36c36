import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeModel, createVocabulary, type FakeModel } from '../../testing/fakeModel.ts';
import { createSmallStudy, goodAndBad, type SmallStudy } from '../../../test/support/smallStudy.ts';
import { openCallCache, withCallCache } from './callCache.ts';

let folder = '';
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'calls-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('withCallCache', () => {
	const vocabulary = createVocabulary();
	const opened = async (): Promise<{ fake: FakeModel; model: ReturnType<typeof withCallCache> }> => {
		const fake = createFakeModel({ ...goodAndBad, vocabulary });
		return { fake, model: withCallCache(fake, await openCallCache(folder)) };
	};

	it('answers every kind of call from the file, byte for byte', async () => {
		const first = await opened();
		const ids = await Promise.all(
			['a good film', 'a bad film'].map(async (text) => (await first.model.encode(text)).ids),
		);
		const labels = [(await first.model.encode('positive')).ids, (await first.model.encode('negative')).ids];
		const targets = ids.map(() => ({ tokens: [labels[0]?.[0] ?? 0], weights: [1] }));
		const ask = async ({ model }: { model: ReturnType<typeof withCallCache> }) => [
			await model.scoreLabels(ids, labels),
			await model.attribute(ids, targets, ['attention', 'gradientXInput.dot']),
			await model.generate(ids, { maxNewTokens: 8 }),
		];
		const said = await ask(first);
		const second = await opened();
		expect(await ask(second)).toEqual(said);
		expect(second.fake.calls).toMatchObject({ scoreLabels: 0, attribute: 0, generate: 0 });
	});

	it('asks about what is new only: prompts, outputs, options', async () => {
		const { fake, model } = await opened();
		const [one, two] = [(await model.encode('good')).ids, (await model.encode('bad')).ids];
		const labels = [(await model.encode('positive')).ids, (await model.encode('negative')).ids];
		const target = { tokens: [1], weights: [1] };
		await model.scoreLabels([one], labels);
		await model.scoreLabels([one, two], labels);
		expect(fake.calls.scoredPrompts).toBe(2);
		await model.attribute([one], [target], ['attention']);
		expect(Object.keys((await model.attribute([one], [target], ['attention', 'gradient.l2']))[0] ?? {})).toEqual([
			'attention',
			'gradient.l2',
		]);
		await model.attribute([one], [target], ['gradient.l2']);
		expect(fake.calls.attribute).toBe(2);
		await model.generate([one], { maxNewTokens: 4 });
		await model.generate([one], { maxNewTokens: 5 });
		expect(fake.calls.generate).toBe(2);
	});

	it('keeps what is said with tokens blocked apart from what is said without', async () => {
		const { fake, model } = await opened();
		const prompt = (await model.encode('good')).ids;
		const labels = [(await model.encode('positive')).ids, (await model.encode('negative')).ids];
		const [plain] = await model.scoreLabels([prompt], labels);
		const [blocked, again] = await model.scoreLabels([prompt, prompt], labels, { blocked: [[0], []] });
		expect(again).toEqual(plain);
		expect(blocked).not.toEqual(plain);
		expect(blocked).toEqual((await fake.scoreLabels([prompt], labels, { blocked: [[0]] }))[0]);
		const asked = fake.calls.scoredPrompts;
		expect(await (await opened()).model.scoreLabels([prompt, prompt], labels, { blocked: [[0], []] })).toEqual([
			blocked,
			plain,
		]);
		expect(fake.calls.scoredPrompts).toBe(asked);
	});

	it('does not keep what was drawn at random or is no number', async () => {
		const { fake, model } = await opened();
		const { ids } = await model.encode('good');
		const sampling = { temperature: 1, topP: 1, seed: 1 };
		await model.generate([ids], { maxNewTokens: 4, sampling });
		await model.generate([ids], { maxNewTokens: 4, sampling });
		expect(fake.calls.generate).toBe(2);
	});
});

describe('openCallCache', () => {
	it('cuts off a torn last line, and names a line that is not as it was written', async () => {
		const file = join(folder, 'calls.jsonl');
		await (await openCallCache(folder)).add(new Map([['0123456789abcdef', { logProbabilities: [-0.25] }]]));
		const line = await readFile(file, 'utf8');
		await appendFile(file, '{"b":');
		expect((await openCallCache(folder)).get('0123456789abcdef')).toEqual({ logProbabilities: [-0.25] });
		expect(await readFile(file, 'utf8')).toBe(line);
		for (const damaged of ['x', '5', '{"answers":{"a":1}}', line.replace('-0.25', '-0.75').trim()]) {
			await writeFile(file, `${line}${damaged}\n`);
			await expect(openCallCache(folder)).rejects.toThrow(/calls\.jsonl:2: is not as this program wrote it\. Delete/u);
		}
	});

	it('passes over lines of versions without a check', async () => {
		await writeFile(join(folder, 'calls.jsonl'), '{"0123456789abcdef":{"logProbabilities":[-9]}}\n');
		expect((await openCallCache(folder)).get('0123456789abcdef')).toBeUndefined();
	});
});

describe('a study that grows', () => {
	let study: SmallStudy | null = null;
	afterEach(async () => {
		await study?.remove();
		study = null;
	});
	const methods = ['attention', 'input_x_gradient.dot', 'prompt.unbound', 'random', 'human'];

	/** Returns the records of a study that had all of it from the start. */
	async function fromTheStart(changes: object): Promise<Set<string>> {
		const other = await createSmallStudy();
		await other.write({ ...changes });
		await other.run();
		const lines = (await other.read('records.jsonl')).trim().split('\n');
		await other.remove();
		return new Set(lines);
	}

	it('asks nothing the second time', async () => {
		study = await createSmallStudy();
		await study.run();
		const again = await study.run();
		expect(again.added).toBe(0);
		expect(study.opened).toHaveLength(1);
	});

	it('asks for a new method only what that method needs', async () => {
		study = await createSmallStudy();
		await study.run();
		const changes = { methods: [...methods, 'saliency.l2'] };
		await study.write(changes);
		const { added } = await study.run();
		expect(added).toBe(4);
		const [, second] = study.opened;
		expect(second?.calls).toMatchObject({ generate: 0 });
		expect(second?.calls.attribute).toBe(2);
		const lines = new Set((await study.read('records.jsonl')).trim().split('\n'));
		expect(lines).toEqual(await fromTheStart(changes));
	});

	it('asks nothing for a selection whose masked texts are known', async () => {
		study = await createSmallStudy();
		await study.write({ selections: ['top_var', 'own'], methods: ['human'] });
		await study.run();
		await study.write({ selections: ['top_var'], methods: ['human'] });
		expect((await study.run()).added).toBe(4);
		expect(study.opened[1]?.calls).toMatchObject({ scoreLabels: 0, attribute: 0, generate: 0 });
	});

	it('asks nothing of the models that were there before a new one', async () => {
		study = await createSmallStudy();
		await study.run();
		await study.write({ models: ['fake', 'other'] });
		const { added } = await study.run();
		expect(added).toBe(4 * 6);
		expect(study.opened.map(({ id }) => id)).toEqual(['fake', 'other']);
	});
});

it('tells how many records are safe where it cannot be read or written', async () => {
	await mkdir(join(folder, 'calls.jsonl'));
	await expect(openCallCache(folder, () => 50)).rejects.toThrow(/Everything so far is kept \(50 records\)/u);
	await rm(join(folder, 'calls.jsonl'), { recursive: true });
	const cache = await openCallCache(folder, () => 50);
	await mkdir(join(folder, 'calls.jsonl'));
	await expect(cache.add(new Map([['key', 1]]))).rejects.toThrow(/Everything so far is kept \(50 records\)/u);
});
