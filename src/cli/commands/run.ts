/** `rationale run`: a whole study. */
import { freemem } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { alignColumns } from '../../terminal/layout.ts';
import type { StudyResult } from '../../runStudy.ts';
import { outFolder } from '../outFolder.ts';
import { programVersions } from '../ownPackage.ts';
import { requireRunning, type Session } from '../session.ts';

interface Options {
	readonly out?: string;
	readonly json?: boolean;
	readonly quiet?: boolean;
	readonly dryRun?: boolean;
	readonly report?: boolean;
	readonly models?: readonly string[];
	readonly data?: string;
}

/** Adds the command. */
export function addRun(program: Command, session: Session): void {
	program
		.command('run')
		.summary('run a study: predictions, rationales, alignment, faithfulness')
		.description(
			'Runs the study of a file and writes records.jsonl, summary.json, report.html and the resolved study.yaml to a ' +
				'folder. Stopped at any moment, the same command continues; finished, it does nothing.',
		)
		.argument('<study>', 'the study file (YAML)')
		.option(
			'-o, --out <folder>',
			"where the results go; made when it does not exist; default: runs/ and the study file's name",
		)
		.option('--models <names...>', "take these models in place of the study's")
		.option('--data <folder>', 'where published datasets lie, in place of the study\'s "data"')
		.option('--dry-run', 'print cells, passes, tokens, time and memory, and compute nothing else')
		.option('--report', 'make summary and report anew, where a finished study would be left alone')
		.option('--json', 'print summary.json instead of the table')
		.option('-q, --quiet', 'print nothing but errors (and, with --json, the summary)')
		.addHelpText('after', '\nExample:\n  rationale run examples/quickstart.yaml --out runs/quickstart')
		.action((study: string, options: Options) => runCommand(session, study, options));
}

async function runCommand(session: Session, study: string, options: Options): Promise<void> {
	if (options.dryRun === true) return estimateCommand(session, study, options);
	const { json, quiet, models, data } = options;
	const folder = outFolder(study, options.out);
	const [{ finishedStudy }, { dataCaches }] = await Promise.all([
		import('../../finishedStudy.ts'),
		import('../environment.ts'),
	]);
	const { out, notes } = session.terminal;
	const { progress } = session;
	const source = await session.models();
	const request = {
		path: study,
		changes: { models, data, caches: dataCaches(session.environment) },
		out: folder,
		source,
		versions: programVersions(),
	};
	const show = async ({ input, notes: found }: Pick<StudyResult, 'input' | 'notes'>): Promise<void> => {
		const { renderSummary } = await import('../../terminal/summaryTable.ts');
		if (quiet !== true) notes.lines(found.map(notes.colours.dim));
		if (json === true) out.lines([JSON.stringify(input.summary)]);
		else if (quiet !== true) out.lines([renderSummary(input, out), ...filesIn(folder)]);
	};
	const finished = options.report === true ? null : await finishedStudy(request).finally(progress.finish);
	if (finished !== null) return show(finished);
	const [{ runStudy }, { trainingNotes }] = await Promise.all([
		import('../../runStudy.ts'),
		import('../trainingNotes.ts'),
	]);
	const training = trainingNotes(quiet === true ? null : notes, progress, freemem);
	const result = await runStudy({
		...request,
		onProgress: ({ model, dataset, epoch, phase, done, total, epochs = { done, total } }) => {
			if (phase === 'open') progress.update(`opening ${model}`, 0, 0);
			else if (phase === 'summary' && done === 0) progress.announce('summary and report');
			else if (phase === 'summary') progress.update('summary and report', done, total);
			else
				progress.update(`${model} x ${dataset}${epoch === null ? '' : `, epoch ${epoch}`}`, epochs.done, epochs.total);
		},
		onTraining: training,
		signal: session.signal,
	})
		.catch((error: unknown) => {
			// What a run that ended early has cost is to be known as well.
			progress.finish();
			if (quiet !== true) notes.lines((source.notes?.() ?? []).map(notes.colours.dim));
			throw error;
		})
		.finally(progress.finish);
	await show(result);
}

async function estimateCommand(session: Session, path: string, options: Options): Promise<void> {
	const { json, models, data } = options;
	const [{ estimateStudy }, { renderEstimate }, { describeMachine }, { dataCaches }] = await Promise.all([
		import('../../study/estimate/estimateStudy.ts'),
		import('../../terminal/estimate.ts'),
		import('../machine.ts'),
		import('../environment.ts'),
	]);
	const { out } = session.terminal;
	const { progress } = session;
	const estimates = await estimateStudy({
		path,
		changes: { models, data, caches: dataCaches(session.environment) },
		source: await session.models(),
		now: session.now,
		signal: session.signal,
		onProgress: (model, dataset) => {
			requireRunning(session.signal);
			progress.update(`${model} x ${dataset}`, 0, 0);
		},
	}).finally(progress.finish);
	out.lines(
		json === true
			? [JSON.stringify(estimates, null, '\t')]
			: renderEstimate(estimates, out, describeMachine().memory.free),
	);
}

function filesIn(folder: string): string[] {
	return alignColumns(
		[
			['report', join(folder, 'report.html')],
			['tables', join(folder, 'tables.md, .tex, .csv')],
			['summary', join(folder, 'summary.json')],
			['records', join(folder, 'records.jsonl')],
		],
		0,
	);
}
