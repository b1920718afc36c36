/** Writes what a training gave as a folder that other programs load: a whole model, or an adapter. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf, UserError } from '../core/errors.ts';
import { float32Tensors } from '../llm/adapters/adapterWriter.ts';
import type { LoadedDecoder } from '../llm/models/loadDecoder.ts';
import { ggufTokenizerSource, tokenizerFiles } from '../llm/tokenizers/ggufTokenizer.ts';
import { isGgufPath } from '../llm/weights/gguf/openGguf.ts';
import { writeSafetensors } from '../llm/weights/safetensorsWriter.ts';
import type { ParameterValues } from './trainable.ts';

/** What a Hugging Face folder holds beside config and weights, and this program or transformers reads. */
const companions = [
	'tokenizer.json',
	'tokenizer_config.json',
	'special_tokens_map.json',
	'added_tokens.json',
	'vocab.json',
	'merges.txt',
	'tokenizer.model',
	'chat_template.jinja',
	'generation_config.json',
];

/** Writes config.json, model.safetensors (float32) and the tokenizer's files into an existing folder. */
export function writeModel(folder: string, base: LoadedDecoder, parameters: ParameterValues): void {
	const values = { ...base.config.values };
	for (const key of ['torch_dtype', 'dtype']) if (key in values) values[key] = 'float32';
	writeFileSync(join(folder, 'config.json'), `${JSON.stringify(values, null, 2)}\n`);
	writeSafetensors(join(folder, 'model.safetensors'), float32Tensors(parameters), { format: 'pt' });
	if (isGgufPath(base.folder)) {
		const files = tokenizerFiles(ggufTokenizerSource(base.folder));
		for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
		return;
	}
	for (const name of companions) {
		const file = join(base.folder, name);
		if (existsSync(file)) copyFileSync(file, join(folder, name));
	}
}

/**
 * Makes a folder whole or not at all: `write` fills a temporary one beside it, which then takes its place.
 * Throws `UserError` when the disk is full or the folder cannot be written.
 */
export function writeFolder(folder: string, write: (temporary: string) => void): void {
	const temporary = join(dirname(folder), `.${basename(folder)}.tmp`);
	try {
		rmSync(temporary, { recursive: true, force: true });
		mkdirSync(temporary, { recursive: true });
		write(temporary);
		rmSync(folder, { recursive: true, force: true });
		renameSync(temporary, folder);
	} catch (error) {
		rmSync(temporary, { recursive: true, force: true });
		if (error instanceof UserError) throw error;
		throw new UserError(
			`${folder}: cannot be written (${messageOf(error)}). The last checkpoint is kept; mend this and run the same command again.`,
		);
	}
}

/** Returns true when a folder written by `writeFolder` is there. */
export function isWritten(folder: string): boolean {
	return existsSync(folder) && readdirSync(folder).length > 0;
}
