/** `rationale finetune`: the trainings of a study alone. */
import { freemem } from 'node:os';
import type { Command } from 'commander';
import { outFolder } from '../outFolder.ts';
import type { Session } from '../session.ts';
import type { TrainingResult } from '../../study/run/finetuneStudy.ts';

interface Options {
	readonly out?: string;
	readonly data?: string;
	readonly json?: boolean;
	readonly quiet?: boolean;
}

/** Adds the command. */
export function addFinetune(program: Command, session: Session): void {
	program
		.command('finetune')
		.summary('train the models of a study that has a "finetune" section')
		.description(
			'Trains as the "finetune" section of a study says, with LoRA or all weights, and writes the model of every epoch ' +
				'to the folder: an adapter that PEFT loads, or a whole Hugging Face model. Stopped or killed at any moment, the ' +
				'same command continues. `rationale run` with the same study and folder then studies every epoch.',
		)
		.argument('<study>', 'the study file (YAML)')
		.option(
			'-o, --out <folder>',
			"where the results go; made when it does not exist; default: runs/ and the study file's name",
		)
		.option('--data <folder>', 'where published datasets lie, in place of the study\'s "data"')
		.option('--json', 'print what each epoch gave as JSON')
		.option('-q, --quiet', 'print nothing but errors (and, with --json, the results)')
		.addHelpText('after', '\nExample:\n  rationale finetune examples/finetune.yaml --out runs/finetune')
		.action((study: string, options: Options) => finetuneCommand(session, study, options));
}

async function finetuneCommand(session: Session, study: string, options: Options): Promise<void> {
	const { data, json, quiet } = options;
	const folder = outFolder(study, options.out);
	const [{ finetuneOnly }, { trainingNotes }, { dataCaches }] = await Promise.all([
		import('../../study/run/finetuneOnly.ts'),
		import('../trainingNotes.ts'),
		import('../environment.ts'),
	]);
	const { out, notes } = session.terminal;
	const { progress } = session;
	const events = trainingNotes(quiet === true ? null : notes, progress, freemem);
	const source = await session.models();
	const trainings = await finetuneOnly(
		{ path: study, changes: { data, caches: dataCaches(session.environment) }, out: folder, source },
		{ ...events, signal: session.signal },
	).finally(progress.finish);
	if (json === true) out.lines([JSON.stringify(trainings.map(shown), null, '\t')]);
	else if (quiet !== true) out.lines(trainings.flatMap(linesOf));
}

function shown({ model, datasets, folder, results }: TrainingResult): object {
	return { model, datasets, folder, results };
}

function linesOf({ model, datasets, folder, results }: TrainingResult): string[] {
	const last = results.at(-1);
	return [`${model} on ${datasets.join(', ')}: epoch ${last?.epoch ?? 0}, ${last?.step ?? 0} steps`, `  ${folder}`];
}
