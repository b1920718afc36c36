/** `rationale models`: the bundled models, and what else can be used. */
import type { Command } from 'commander';
import { formatBytes, wrapText } from '../../terminal/layout.ts';
import type { ModelEntry } from '../modelInventory.ts';
import type { Session } from '../session.ts';
import type { Channel } from '../../terminal/channel.ts';

/** Adds the command. */
export function addModels(program: Command, session: Session): void {
	program
		.command('models')
		.summary('bundled models, and what else can be used')
		.description('Lists the bundled models and says which other models can be used.')
		.option('--json', 'print them as JSON')
		.addHelpText('after', '\nExample:\n  rationale models --json')
		.action(({ json = false }: { json?: boolean }) => listModels(session, json));
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
