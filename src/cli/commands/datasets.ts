/** `rationale datasets`: the bundled datasets. */
import type { Command } from 'commander';
import type { Dataset } from '../../datasets/datasets.ts';
import { wrapText } from '../layout.ts';
import type { Session } from '../session.ts';
import type { Channel } from '../terminal.ts';

/** Adds the command. */
export function addDatasets(program: Command, session: Session): void {
	program
		.command('datasets')
		.summary('bundled datasets and their tasks')
		.description('Lists the bundled datasets: what is to be decided, the labels, the number of examples.')
		.option('--json', 'print them as JSON')
		.addHelpText('after', '\nExample:\n  rationale datasets --json')
		.action(({ json = false }: { json?: boolean }) => listDatasets(session, json));
}

async function listDatasets({ terminal: { out } }: Session, json: boolean): Promise<void> {
	const { DATASETS } = await import('../../datasets/datasets.ts');
	const datasets: readonly Dataset[] = Object.values(DATASETS);
	out.lines(
		json
			? [JSON.stringify(datasets, null, '\t')]
			: [
					...datasets.flatMap((dataset) => [...renderDataset(dataset, out), '']),
					...wrapText(
						'A study can also read your own CSV, TSV or JSONL file: key "datasets", then "file".',
						out.columns,
					),
				],
	);
}

function renderDataset({ id, title, task, splits, source, licence }: Dataset, { colours, columns }: Channel): string[] {
	const counts = Object.entries(splits).map(([split, count]) => `${split} ${count}`);
	return [
		`${colours.bold(id)}  ${title}`,
		...wrapText(
			`segments: ${Object.keys(task.segmentTitles).join(', ')}; labels: ${task.labels.join(', ')}`,
			columns,
			2,
		),
		...wrapText(`examples: ${counts.join(', ')}`, columns, 2),
		...wrapText(`${source}; ${licence}`, columns, 2).map(colours.dim),
	];
}
