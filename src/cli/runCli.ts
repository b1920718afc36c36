/** The command line as a function: arguments and streams in, exit code out. */
import { basename } from 'node:path';
import { Command, type OutputConfiguration } from 'commander';
import { InterruptedError, UserError } from '../core/errors.ts';
import { addDatasets } from './commands/datasets.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplain } from './commands/explain.ts';
import { addExport } from './commands/export.ts';
import { addFinetune } from './commands/finetune.ts';
import { addMethods } from './commands/methods.ts';
import { addModels } from './commands/models.ts';
import { addPull } from './commands/pull.ts';
import { addRun } from './commands/run.ts';
import { addScore } from './commands/score.ts';
import { addServeOpenai } from './commands/serveOpenai.ts';
import { addEngineOptions, engineSettingsOf, globalOptionsFor, noteMemory } from './engineOptions.ts';
import { type ExitCode, exitCodes, reportFailure } from './exitCodes.ts';
import { ownVersion } from './ownPackage.ts';
import { cacheFolderOf, modelSourceOptions } from './environment.ts';
import { requireRunning, type Session } from './session.ts';
import { createProgress, silentProgress } from '../terminal/progress.ts';
import { createTerminal, type Environment, type Output, type Terminal } from '../terminal/channel.ts';
import type { ModelSource } from '../study/models/modelSource.ts';

/** The world around the command line; `models` and `now` are the real ones where left out. */
export interface Surroundings {
	readonly stdin: AsyncIterable<Uint8Array | string>;
	readonly stdout: Output;
	readonly stderr: Output;
	readonly environment: Environment;
	readonly signal: AbortSignal;
	readonly models?: ModelSource;
	readonly now?: () => number;
}

/** Runs one command, `argv` being what follows the program's name, and returns the exit code. Never throws. */
export async function runCli(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
	const terminal = createTerminal(surroundings.stdout, surroundings.stderr, surroundings.environment, argv);
	const now = surroundings.now ?? (() => performance.now());
	const isQuiet = argv.includes('-q') || argv.includes('--quiet');
	let models: Promise<ModelSource> | undefined;
	const session: Session = {
		terminal,
		progress: isQuiet ? silentProgress() : createProgress(terminal.notes, now),
		input: surroundings.stdin,
		signal: surroundings.signal,
		models: () => (models ??= modelsIn(program, surroundings, session, isQuiet)),
		environment: surroundings.environment,
		now,
	};
	const program: Command = createProgram(session);
	try {
		await program.parseAsync(argv, { from: 'user' });
		return exitCodes.done;
	} catch (error) {
		// Once the user has asked to stop, streams and engines are torn down: their complaints are no bugs.
		const isStop = session.signal.aborted && !(error instanceof UserError) && !(error instanceof InterruptedError);
		const failure = isStop ? new InterruptedError('Stopped.', { cause: error }) : error;
		return reportFailure(failure, terminal.notes, { debug: argv.includes('--debug') });
	}
}

async function modelsIn(
	program: Command,
	{ models, environment }: Surroundings,
	session: Session,
	isQuiet: boolean,
): Promise<ModelSource> {
	if (models !== undefined) return models;
	const { createModelSource } = await import('../study/models/machineModels.ts');
	const settings = engineSettingsOf(program, cacheFolderOf(environment));
	return createModelSource({
		...modelSourceOptions(environment, settings),
		onHashing: (id, done, total) => showHashing(session, id, done, total),
		onOpened: (model) => (isQuiet ? undefined : noteMemory(session.terminal.notes, settings, model)),
	});
}

/** In bytes; fewer are hashed in a moment. */
const worthShowing = 100e6;

/** Weights are hashed once; that takes a second or so a gigabyte. Throws `InterruptedError` to stop it. */
function showHashing({ signal, progress }: Session, id: string, done: number, total: number): void {
	requireRunning(signal);
	if (total < worthShowing) return;
	progress.update(`hashing ${basename(id)}, MB`, Math.floor(done / 1e6), Math.ceil(total / 1e6));
	if (done >= total) progress.finish();
}

function createProgram(session: Session): Command {
	const program: Command = new Command('rationale')
		.description('Tells which words made a language model decide, and how far that answer can be trusted.')
		.version(ownVersion(), '-V, --version', 'print the version')
		.helpOption('-h, --help', 'explain a command')
		.helpCommand('help [command]', 'explain a command')
		.option('--no-color', 'no colours (also: the environment variable NO_COLOR)')
		.option('--debug', 'show where in the program an error came from')
		.exitOverride()
		.configureHelp({
			showGlobalOptions: true,
			visibleGlobalOptions: (command) => globalOptionsFor(command, program),
		})
		.configureOutput(outputOf(session.terminal))
		.showHelpAfterError('Add --help to see what is possible.')
		.addHelpText(
			'after',
			'\nExamples:\n  rationale explain "She runs a small practice for family counselling."\n' +
				'  rationale run examples/quickstart.yaml --out runs/quickstart\n' +
				'\nExit codes: 0 done, 1 something in the input, 2 a bug of ours, 130 stopped by\nCtrl-C.',
		);
	addEngineOptions(program);
	for (const add of [
		addRun,
		addFinetune,
		addExplain,
		addScore,
		addExport,
		addModels,
		addPull,
		addServeOpenai,
		addDatasets,
		addMethods,
		addDoctor,
	])
		add(program, session);
	return program;
}

function outputOf({ out, notes }: Terminal): OutputConfiguration {
	return {
		writeOut: (text) => out.write(text),
		writeErr: (text) => notes.write(text),
		outputError: (text, write) => write(text.replace(/^error:/u, notes.colours.red('error:'))),
		getOutHelpWidth: () => out.columns,
		getErrHelpWidth: () => notes.columns,
		getOutHasColors: () => out.colours.isColorSupported,
		getErrHasColors: () => notes.colours.isColorSupported,
	};
}
