/**
 * Time and memory of what comes after the models: records read, figures, report and tables of made records.
 *   npx tsx bench/summary.ts            100,050 records: 3 datasets x 1,450 texts x 22 methods, a study's defaults
 *   npx tsx bench/summary.ts methods    3 x 40 texts x 22 methods, 4 selections, 3 maskings, 8 measures
 *   npx tsx bench/summary.ts texts 0.1  with a tenth of the texts
 * Prints one JSON line: a hash of the figures, seconds of processor time per step, their sum, the clock's sum, and the largest memory of the process
 * that did it (`Maximum resident set size`).
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { methods } from '../src/rationales/methods.ts';
import { metricDeclarations } from '../src/evaluation/metrics.ts';
import { recordLine } from '../src/records/recordLines.ts';
import { openRecordStore } from '../src/records/store.ts';
import { summaryText } from '../src/records/summaryFile.ts';
import { renderReport } from '../src/report/report.ts';
import type { ReportInput } from '../src/report/reportInput.ts';
import { tableFiles } from '../src/report/tables/writeTables.ts';
import { summarise } from '../src/summary/summarise.ts';
import { madeRecords, type MadeStudy } from './summary/madeRecords.ts';

const common = {
	datasets: ['bios', 'nli', 'claims'],
	words: 44,
	labels: ['first', 'second', 'third'],
	draws: 5,
	curve: [0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1],
	methods: [
		'attention',
		'attention_rollout',
		'grad_attention',
		'saliency.l1',
		'saliency.l2',
		'input_x_gradient.dot',
		'input_x_gradient.l2',
		'cp_lrp',
		'attn_lrp',
		'gim',
		'integrated_gradients',
		'smooth_grad',
		'gradient_shap',
		'alti_logit',
		'occlusion',
		'lime',
		'kernel_shap',
		'permutation_shap',
		'prompt.unbound',
		'prompt.top_k',
		'random',
		'human',
	] as MadeStudy['methods'],
} as const;

const studies: Readonly<Record<string, MadeStudy>> = {
	texts: {
		...common,
		texts: 1450,
		selections: ['top_var', 'top_ratio', 'own'],
		maskings: ['space', 'delete'],
		measures: ['flip_rate'],
	},
	methods: {
		...common,
		texts: 40,
		selections: ['top_var', 'top_ratio', 'own', 'matched'],
		maskings: ['space', 'delete', 'neutral'],
		measures: [
			...(['flip_rate', 'comprehensiveness', 'sufficiency', 'log_odds', 'deletion_auc', 'insertion_auc'] as const),
			...(['smallest_flipping_share', 'tau_loo'] as const),
		],
	},
};

const [name = 'texts', scale = '1', folder] = process.argv.slice(2);
const whole = studies[name];
if (whole === undefined) throw new Error(`no made study "${name}": ${Object.keys(studies).join(', ')}`);
const study = { ...whole, texts: Math.ceil(whole.texts * Number(scale)) };
if (folder === undefined) await measureInProcess(study);
else await measure(study, folder);

async function measureInProcess(made: MadeStudy): Promise<void> {
	const own = mkdtempSync(join(tmpdir(), 'made-study-'));
	try {
		const file = createWriteStream(join(own, 'records.jsonl'));
		for (const dataset of made.datasets) {
			for (const record of madeRecords(made, dataset)) {
				if (!file.write(recordLine(record))) await once(file, 'drain');
			}
		}
		await new Promise((resolve) => file.end(resolve));
		const script = process.argv.slice(1, 2);
		const { status } = spawnSync(process.execPath, [...process.execArgv, ...script, name, scale, own], {
			stdio: 'inherit',
		});
		process.exitCode = status ?? 1;
	} finally {
		rmSync(own, { recursive: true });
	}
}

async function measure(made: MadeStudy, own: string): Promise<void> {
	const start = performance.now();
	const seconds: Record<string, number> = {};
	const timed = async <T>(step: string, action: () => T | Promise<T>): Promise<T> => {
		const before = process.cpuUsage();
		const found = await action();
		const { user, system } = process.cpuUsage(before);
		seconds[step] = Math.round((user + system) / 1e4) / 100;
		return found;
	};
	const store = await timed('read', () => openRecordStore(own));
	const records = [...store.records.values()];
	const settings = made.datasets.map((dataset) => ({
		model: 'made',
		dataset,
		split: 'test',
		epoch: null,
		task: { instruction: 'Which?', labels: made.labels },
		selections: made.selections,
		records: records.filter((record) => record.dataset === dataset),
	}));
	const options = { study: 'made', seed: 1, resamples: 1000, ...made };
	const found = await timed('summary', () => summarise(settings as never, options));
	const input = inputOf(made, found, records);
	await timed('write', () => writeFileSync(join(own, 'summary.json'), summaryText(found.summary)));
	await timed('report', () => writeFileSync(join(own, 'report.html'), renderReport(input)));
	await timed('tables', () => tableFiles(input));
	await store.close();
	const all = Object.values(seconds).reduce((sum, value) => sum + value, 0);
	console.log(
		JSON.stringify({
			shape: name,
			records: records.length,
			rows: found.summary.rows.length,
			comparisons: found.summary.comparisons?.length ?? 0,
			figures: createHash('sha256').update(summaryText(found.summary)).digest('hex').slice(0, 16),
			seconds,
			processorSeconds: Math.round(all * 100) / 100,
			clockSeconds: Math.round((performance.now() - start) / 10) / 100,
			peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
			reportMegabytes: Math.round(readFileSync(join(own, 'report.html')).length / 1e5) / 10,
		}),
	);
}

function inputOf(
	made: MadeStudy,
	{ summary, verdicts, answerRates }: Awaited<ReturnType<typeof summarise>>,
	records: ReportInput['records'],
): ReportInput {
	return {
		study: {
			name: 'made',
			startedWith: {},
			seed: 1,
			configText: '',
			prompts: [],
			maskings: made.maskings.map((id) => ({ id, title: id })),
			models: [{ id: 'made', description: 'made' }],
			datasets: made.datasets.map((id) => ({ id, title: id, n: made.texts })),
			methods: made.methods.map((id) => methods[id].declaration),
			metrics: metricDeclarations().filter(({ id }) => summary.rows.some(({ metric }) => metric === id)),
		},
		summary,
		verdicts,
		answerRates,
		badRows: [],
		records,
	};
}
