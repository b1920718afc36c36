/** What a user sees when a model folder is missing or broken. */
import { cpSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { InterruptedError, UserError } from '../core/errors.ts';
import { openModel } from './openModel.ts';

function copyOfFixture(): string {
	const folder = join(mkdtempSync(join(tmpdir(), 'model-')), 'llama3');
	cpSync('fixtures/llama3', folder, { recursive: true });
	return folder;
}

function changeConfig(folder: string, changes: Readonly<Record<string, unknown>>): void {
	const file = join(folder, 'config.json');
	writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...changes }));
}

async function messageOfOpening(name: string): Promise<string> {
	const error: unknown = await openModel(name).then(
		() => new Error('it opened'),
		(thrown: unknown) => thrown,
	);
	expect(error).toBeInstanceOf(UserError);
	return (error as UserError).message;
}

it('names the bundled models for a name that is neither bundled nor a folder', async () => {
	const message = await messageOfOpening('tiny-instrukt');
	expect(message).toContain('Did you mean "tiny-instruct"?');
});

it('names the config keys that may change the mathematics', async () => {
	const folder = copyOfFixture();
	changeConfig(folder, { residual_multiplier: 0.2 });
	expect(await messageOfOpening(folder)).toContain('residual_multiplier=0.2');
});

it('names an architecture that is not known, and those that are', async () => {
	const folder = copyOfFixture();
	changeConfig(folder, { model_type: 'mamba' });
	expect(await messageOfOpening(folder)).toMatch(/model_type "mamba" is not a known architecture\. Known: .*llama/);
});

it('refuses a rope type it does not compute', async () => {
	const folder = copyOfFixture();
	changeConfig(folder, { rope_parameters: { rope_type: 'proportional', factor: 4 } });
	expect(await messageOfOpening(folder)).toContain('config.json');
});

it('names a truncated weight file', async () => {
	const folder = copyOfFixture();
	truncateSync(join(folder, 'model.safetensors'), 200_000);
	expect(await messageOfOpening(folder)).toContain('model.safetensors');
});

it('names weights whose shape is not what the config says, and weights that are left over', async () => {
	const folder = copyOfFixture();
	changeConfig(folder, { intermediate_size: 96 });
	expect(await messageOfOpening(folder)).toMatch(/mlp\..*\[80, 48\].*\[96, 48\]/);
	changeConfig(folder, { intermediate_size: 80, num_hidden_layers: 2 });
	expect(await messageOfOpening(folder)).toContain('model.layers.2.');
});

it('refuses a prompt that is longer than the model was made for', async () => {
	const model = await openModel('tiny-instruct');
	const prompt = new Array<number>(model.contextLength).fill(5);
	await expect(model.generate([prompt], { maxNewTokens: 1 })).rejects.toThrow(
		`the prompt has ${model.contextLength} tokens and the answer up to 1`,
	);
	await expect(model.scoreLabels([prompt], [[5]])).rejects.toThrow(UserError);
	await model.close();
});

it('refuses tokens that the model has no row for', async () => {
	const folder = join(mkdtempSync(join(tmpdir(), 'model-')), 'tiny');
	cpSync('models/tiny-instruct', folder, { recursive: true });
	const file = join(folder, 'tokenizer.json');
	const tokenizer = JSON.parse(readFileSync(file, 'utf8')) as { added_tokens: object[] };
	const flags = { special: false, single_word: false, lstrip: false, rstrip: false, normalized: false };
	tokenizer.added_tokens.push({ id: 2048, content: '<added>', ...flags });
	writeFileSync(file, JSON.stringify(tokenizer));
	const model = await openModel(folder);
	const message = 'gives token 2048, but the model knows 2048 tokens';
	const { ids } = await model.encode('a <added>');
	await expect(model.scoreLabels([ids], [[5]])).rejects.toThrow(message);
	await expect(model.scoreLabels([[5]], [ids, [6]])).rejects.toThrow(message);
	await expect(model.generate([ids], { maxNewTokens: 1 })).rejects.toThrow(UserError);
	await model.close();
});

it('gives up opening, and ends calls under way, when the signal is aborted', async () => {
	const opening = new AbortController();
	const opened = openModel('tiny-instruct', null, undefined, opening.signal);
	opening.abort();
	await expect(opened).rejects.toThrow(InterruptedError);
	const running = new AbortController();
	const model = await openModel('tiny-instruct', null, undefined, running.signal);
	const call = model.scoreLabels([[5]], [[6]]);
	running.abort();
	await expect(call).rejects.toThrow('the engine process ended');
});
