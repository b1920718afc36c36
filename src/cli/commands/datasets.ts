/** `rationale datasets`: the bundled datasets, and the published ones whose files can be read. */
import type { Command } from 'commander';
import type { Dataset } from '../../datasets/datasets.ts';
import type { PublishedDataset } from '../../datasets/published/publishedDataset.ts';
import { wrapText } from '../../terminal/layout.ts';
import type { Session } from '../session.ts';
import type { Channel } from '../../terminal/channel.ts';

/** Adds the command. */
export function addDatasets(program: Command, session: Session): void {
	program
		.command('datasets')
		.summary('bundled datasets, and published ones that can be read')
		.description(
			'Lists the bundled datasets (what is to be decided, the labels, the number of examples) and the published ones ' +
				'with human rationales, which are read from the files of their authors.',
		)
		.option('--json', 'print them as JSON')
		.addHelpText('after', '\nExample:\n  rationale datasets --json')
		.action(({ json = false }: { json?: boolean }) => listDatasets(session, json));
}

async function listDatasets({ terminal: { out } }: Session, json: boolean): Promise<void> {
	const { DATASETS } = await import('../../datasets/datasets.ts');
	const { PUBLISHED_DATASETS } = await import('../../datasets/published/publishedDatasets.ts');
	const datasets: readonly Dataset[] = Object.values(DATASETS);
	const published: readonly PublishedDataset[] = Object.values(PUBLISHED_DATASETS);
	out.lines(
		json
			? [JSON.stringify([...datasets, ...published.map((dataset) => ({ ...dataset, isPublished: true }))], null, '\t')]
			: [
					...datasets.flatMap((dataset) => [...renderDataset(dataset, out), '']),
					'Published, from the files of their authors ("rationale pull ID" fetches them):',
					'',
					...published.flatMap((dataset) => [...renderPublished(dataset, out), '']),
					...wrapText(
						'A study names them under "datasets"; files that lie elsewhere with "path", your own CSV, TSV, JSONL or Parquet file with "file".',
						out.columns,
					),
				],
	);
}

function renderPublished({ id, title, splits, files, source }: PublishedDataset, channel: Channel): string[] {
	const { colours, columns } = channel;
	return [
		`${colours.bold(id)}  ${title}`,
		...wrapText(`splits: ${splits.join(', ')}; files: ${files}`, columns, 2),
		...wrapText(source, columns, 2).map(colours.dim),
	];
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
