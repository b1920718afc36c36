/**
 * Ranks all methods by how well they find the planted words, and writes the tables between the markers of
 * docs/guides/methods-compared.md. Runs examples/all-methods.yaml into the folder given (what is there is not computed
 * again), then measures what each method costs.
 *
 *     npx tsx scripts/methodsTable.ts runs/all-methods
 */
import { readFile, writeFile } from 'node:fs/promises';
import { modelSourceOptions } from '../src/cli/environment.ts';
import { defaultSettings } from '../src/llm/engineSettings.ts';
import { createModelSource } from '../src/study/models/machineModels.ts';
import { programVersions } from '../src/cli/ownPackage.ts';
import type { Method } from '../src/rationales/method.ts';
import { type MethodId, methodIds, methods } from '../src/rationales/methods.ts';
import { runStudy } from '../src/runStudy.ts';
import { type MethodCost, measureCosts } from './methodsTable/costs.ts';
import type { SummaryRow } from '../src/records/summaryRows.ts';

const study = 'examples/all-methods.yaml';
const page = 'docs/guides/methods-compared.md';
const [begin, end] = ['<!-- methods:begin -->', '<!-- methods:end -->'];
const tasks = ['planted-bios', 'planted-nli', 'planted-claims'] as const;

const out = process.argv[2];
if (out === undefined) {
	console.error('methodsTable: give the folder for the study, for example runs/all-methods.');
	process.exit(1);
}
const source = createModelSource(modelSourceOptions({}, defaultSettings));
const { input } = await runStudy({ path: study, out, source, versions: programVersions() });
const rows = input.summary.rows.filter(({ subset }) => subset === 'all');
const costs = await measureCosts(tasks, await source.open({ id: 'tiny-instruct', path: null }));
const text = await readFile(page, 'utf8');
const [before, after] = [text.split(begin)[0], text.split(end)[1]];
if (before === undefined || after === undefined) throw new Error(`${page} lacks its markers`);
await writeFile(page, `${before}${begin}\n\n${tables()}\n\n${end}${after}`);

function tables(): string {
	const texts = rows.find(({ metric }) => metric === 'accuracy')?.n ?? 0;
	const accuracies = tasks.map((task) => cellOf(rowOf(task, { metric: 'accuracy' }))).join(', ');
	return [
		`${texts} texts of each test split, seed ${input.study.seed}; accuracy of tiny-instruct on them: ${accuracies}.`,
		'**Methods that score the words**, by average precision',
		rankedTable('average_precision', null),
		'**Methods that choose the words**, by token F1 of the words they chose',
		rankedTable('token_f1.macro', 'own'),
	].join('\n\n');
}

function rankedTable(metric: string, selection: string | null): string {
	const ranked = methodIds
		.map((id) => ({ id, found: tasks.map((task) => rowOf(task, { metric, method: id, selection })) }))
		.filter(({ found }) => found.some((row) => row?.value != null))
		.map(({ id, found }) => ({ id, found, mean: meanOf(found.map((row) => row?.value ?? 0)) }))
		.toSorted((a, b) => b.mean - a.mean);
	const head = ['method', 'mean', ...tasks.map((task) => task.replace('planted-', '')), 'passes', 'time'];
	const lines = ranked.map(({ id, found, mean }) => [
		`\`${id}\``,
		mean.toFixed(2),
		...found.map(cellOf),
		...costOf(id),
	]);
	return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function rowOf(dataset: string, wanted: Partial<SummaryRow>): SummaryRow | undefined {
	return rows.find(
		(row) =>
			row.dataset === dataset &&
			Object.entries(wanted).every(([key, value]) => row[key as keyof SummaryRow] === value) &&
			row.masking === null,
	);
}

function cellOf(row: SummaryRow | undefined): string {
	if (row === undefined || row.value === null) return '–';
	const [low, high] = row.ci95 ?? [NaN, NaN];
	return `${row.value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}

function costOf(id: MethodId): string[] {
	const cost: MethodCost | undefined = costs.get(id);
	if (cost === undefined || methods[id].kind === 'reference') return ['–', '–'];
	const read = passesIn(id);
	if (read !== null) return [read, String(Number(cost.relativeTime.toPrecision(2)))];
	const sign = { exact: '', least: '≥ ', most: '≤ ' }[cost.bound];
	const backward = cost.backward === 0 ? '' : ` + ${cost.backward} back`;
	const written = cost.written === 0 ? '' : ` + ${cost.written} tokens`;
	return [`${sign}${cost.forward}${backward}${written}`, String(Number(cost.relativeTime.toPrecision(2)))];
}

/** Returns the mean passes that the records tell, for methods that decide themselves how many they take. */
function passesIn(id: MethodId): string | null {
	const method: Method = methods[id];
	const own = input.records.flatMap((record) => (record.kind === 'rationale' && record.method === id ? [record] : []));
	const mean = (of: (diagnostics: Readonly<Record<string, number | null>>) => number): number =>
		Math.round(meanOf(own.map(({ diagnostics = {} }) => of(diagnostics))));
	if (method.kind === 'replacement') return String(mean(({ evaluations }) => evaluations ?? NaN));
	const asked = method.kind === 'multiPass' ? method.request({ neutral: 0, commonWords: [0] }) : { missing: '' };
	if ('missing' in asked || asked.kind !== 'integratedGradients') return null;
	// Nodes are doubled from the first number on; the two ends of the path are read once.
	const passes = mean(({ nodes }) => 2 * (nodes ?? NaN) - asked.nodes + 2);
	return `${passes} + ${passes} back`;
}

function meanOf(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
