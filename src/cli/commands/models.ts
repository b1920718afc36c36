/** `rationale models`: the bundled models, and what else can be used. */
import type { Command } from 'commander';
import { formatBytes, wrapText } from '../../terminal/layout.ts';
import type { ModelEntry } from '../modelInventory.ts';
import type { Session } from '../session.ts';
import { UserError } from '../../core/errors.ts';
import type { ModelPlace } from '../../llm/modelPlace.ts';
import type { ModelSource } from '../../study/models/modelSource.ts';
import type { Channel } from '../../terminal/channel.ts';

/** Adds the command. */
export function addModels(program: Command, session: Session): void {
	program
		.command('models')
		.summary('bundled models, and what else can be used')
		.description('Lists the bundled models and says which other models can be used.')
		.option('--template <model>', 'list what the chat template of a model can be told')
		.option('--json', 'print them as JSON')
		.addHelpText('after', '\nExample:\n  rationale models --json')
		.action(({ json = false, template }: { json?: boolean; template?: string }) =>
			template === undefined ? listModels(session, json) : listTemplateNames(session, template, json),
		);
}

/** Names that a template reads, one per line. */
async function listTemplateNames({ terminal: { out }, models }: Session, id: string, json: boolean): Promise<void> {
	const [{ openTokenizer }, { isBehindApi }, source] = await Promise.all([
		import('../../llm/process/tokenizerClient.ts'),
		import('../../llm/remote/openApiModel.ts'),
		models(),
	]);
	if (isBehindApi({ id }))
		throw new UserError(`models --template ${id}: the template of a model behind an API is not known here.`);
	const { folder } = placeIn(source, id);
	const tokenizer = await openTokenizer(folder);
	const { names, kind } = tokenizer.chatTemplate;
	await tokenizer.close();
	if (json) return out.lines([JSON.stringify({ model: id, template: kind, names })]);
	const none = `The chat template of ${id} reads nothing but the conversation.`;
	out.lines(names.length === 0 ? wrapText(none, out.columns) : names);
}

function placeIn(source: ModelSource, id: string): ModelPlace {
	if (source.place !== undefined) return source.place({ id, path: null });
	throw new UserError(`models --template ${id}: no models are on this machine.`);
}

async function listModels({ terminal: { out } }: Session, json: boolean): Promise<void> {
	const [{ modelInventory }, { families }] = await Promise.all([
		import('../modelInventory.ts'),
		import('../../llm/models/families.ts'),
	]);
	const models = modelInventory();
	const architectures = Object.keys(families);
	if (json) return out.lines([JSON.stringify({ models, architectures }, null, '\t')]);
	const others =
		'Any folder in the Hugging Face format (config.json, safetensors, tokenizer.json) can stand in the place of a ' +
		`name. Architectures: ${architectures.join(', ')}.`;
	out.lines([...models.flatMap((model) => [...renderModel(model, out), '']), ...wrapText(others, out.columns)]);
}

function renderModel(model: ModelEntry, { colours, columns }: Channel): string[] {
	const { id, description, folder, architecture, parameters, bytes, problem } = model;
	const size = `${architecture}, ${parameters?.toLocaleString('en-US')} parameters, ${formatBytes(bytes ?? 0)}`;
	return [
		colours.bold(id),
		...wrapText(description, columns, 2),
		...(problem === null ? wrapText(size, columns, 2) : wrapText(problem, columns, 2).map(colours.yellow)),
		`  ${colours.dim(folder)}`,
	];
}
