/** What the small JSON files of a model folder say about special tokens, the chat template and the end of an answer. */
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import { isThere, readJsonFile, readTextFile } from '../weights/jsonFile.ts';

export interface TokenizerConfig {
	/** Special tokens as text, by the names that templates use: `bos_token`, `eos_token`, `pad_token`, ... */
	readonly specialTokens: Readonly<Record<string, string>>;
	/** The chat template and the file it came from; undefined for a model without one. */
	readonly chatTemplate: { readonly source: string; readonly file: string } | undefined;
}

const namedTemplates = z.array(z.object({ name: z.string(), template: z.string() }));
const configSchema = z.looseObject({ chat_template: z.union([z.string(), namedTemplates]).nullish() });
const tokenSchema = z.union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)]);
const endSchema = z.looseObject({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() });

/**
 * Returns what `tokenizer_config.json`, `special_tokens_map.json` and `chat_template.jinja` say; each may be absent. The template
 * in its own file wins. Special tokens are read as transformers reads them: the map, of older folders, wins over a config that
 * does not list the added tokens. Throws `UserError` for broken files and tokens too long to be one.
 */
export function readTokenizerConfig(folder: string): TokenizerConfig {
	const file = join(folder, 'tokenizer_config.json');
	const config = isThere(file) ? readJsonFile(file, configSchema) : {};
	const mapFile = join(folder, 'special_tokens_map.json');
	const isMapRead = config['added_tokens_decoder'] === undefined && isThere(mapFile);
	const map = isMapRead ? readJsonFile(mapFile, z.looseObject({})) : {};
	const templateFile = join(folder, 'chat_template.jinja');
	const inConfig = templateOf(file, config.chat_template ?? undefined);
	return {
		specialTokens: { ...specialTokens(file, config), ...specialTokens(mapFile, map) },
		chatTemplate: isThere(templateFile)
			? { source: readTextFile(templateFile), file: templateFile }
			: inConfig
				? { source: inConfig, file }
				: undefined,
	};
}

/** Returns the sorted ids named by `eos_token_id` in `generation_config.json` and `config.json`; a model ends at any of them. */
export function readEndTokens(folder: string): number[] {
	const ids = ['generation_config.json', 'config.json']
		.map((name) => join(folder, name))
		.filter((file) => isThere(file))
		.flatMap((file) => readJsonFile(file, endSchema).eos_token_id ?? []);
	return [...new Set(ids)].sort((a, b) => a - b);
}

/** Longest special token, in UTF-16 code units: templates write them many times. */
const longestToken = 1000;

function specialTokens(file: string, config: Readonly<Record<string, unknown>>): Record<string, string> {
	const tokens = Object.entries(config).flatMap(([name, value]) => {
		const token = name.endsWith('_token') ? tokenSchema.safeParse(value) : undefined;
		return token?.success ? [[name, token.data] as const] : [];
	});
	for (const [name, token] of tokens) {
		if (token.length <= longestToken) continue;
		throw new UserError(
			`${file}: ${name} has ${token.length} characters; at most ${longestToken} are read. Copy or download the file again.`,
		);
	}
	return Object.fromEntries(tokens);
}

function templateOf(file: string, templates: string | z.infer<typeof namedTemplates> | undefined): string | undefined {
	if (templates === undefined || typeof templates === 'string') return templates;
	const chosen =
		templates.find(({ name }) => name === 'default') ?? (templates.length === 1 ? templates[0] : undefined);
	if (chosen !== undefined || templates.length === 0) return chosen?.template;
	const names = templates.map(({ name }) => name).join(', ');
	throw new UserError(
		`${file}: has the chat templates ${names}, none of them named "default". Name one of them "default".`,
	);
}
