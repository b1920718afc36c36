/** `rationale doctor`: what this machine and this installation can do. */
import type { Command } from 'commander';
import { messageOf } from '../../core/errors.ts';
import { alignColumns, formatBytes, formatDuration, wrapText } from '../../terminal/layout.ts';
import type { Machine, SelfTest } from '../machine.ts';
import { requireRunning, type Session, withModel } from '../session.ts';
import type { Channel } from '../../terminal/channel.ts';

/** Adds the command. */
export function addDoctor(program: Command, session: Session): void {
	program
		.command('doctor')
		.summary('what this machine can do, and a self-test')
		.description(
			'Shows cores, memory, versions, the calibration and bundled models, and explains one text with tiny-instruct. ' +
				'The exit code is 0 when that worked.',
		)
		.option('--json', 'print the findings as JSON')
		.option('--calibrate', 'measure again what is fastest here: device, threads, tokens at a time')
		.addHelpText('after', '\nExample:\n  rationale doctor --json')
		.action((options: Options) => examine(session, options));
}

interface Options {
	readonly json?: boolean;
	readonly calibrate?: boolean;
}

async function examine(session: Session, { json = false, calibrate = false }: Options): Promise<void> {
	const [{ describeMachine, runSelfTest, selfTestModel }, { calibrationFindings, renderCalibration }] =
		await Promise.all([import('../machine.ts'), import('../calibrationFindings.ts')]);
	const { out } = session.terminal;
	const machine = describeMachine();
	if (!json) out.lines(renderMachine(machine, out));
	const calibration = await calibrationFindings(session.environment, calibrate);
	if (!json) out.lines(renderCalibration(calibration, out));
	const outcome = await runSelfTest(
		(work) => withModel(session, { id: selfTestModel }, work),
		session.now,
		() => requireRunning(session.signal),
	).catch((error: unknown) => ({ error }));
	const failure = 'error' in outcome ? messageOf(outcome.error) : null;
	const selfTest = 'error' in outcome ? { failure } : outcome;
	if (json) out.lines([JSON.stringify({ ...machine, calibration, selfTest }, null, '\t')]);
	if ('error' in outcome) throw outcome.error;
	if (!json) out.lines([out.colours.bold('Self-test'), ...renderSelfTest(outcome, out)]);
}

function renderMachine(machine: Machine, { colours, columns }: Channel): string[] {
	const { memory, packages, providers, models } = machine;
	const rows = [
		['processor', machine.processor],
		['cores', String(machine.cores)],
		['memory', `${formatBytes(memory.total)}, ${formatBytes(memory.free)} free`],
		['system', machine.system],
		['Node.js', machine.node],
		['llm-rationale', machine.version],
		...Object.entries(packages).map(([name, version]) => [name, version ?? colours.red('not installed')]),
	];
	return [
		colours.bold('This machine'),
		...alignColumns(rows),
		'',
		colours.bold('Providers'),
		...alignColumns(providers.map(({ name, used, note }) => [used ? colours.green(name) : name, note])),
		`  What this onnxruntime was built with: ${colours.dim(machine.providerProbe)}`,
		'',
		colours.bold('Bundled models'),
		...models.flatMap(({ id, bytes, problem }) => [
			`  ${id}${bytes === null ? '' : `  ${colours.green(formatBytes(bytes))}`}`,
			...(problem === null ? [] : wrapText(problem, columns, 4).map(colours.yellow)),
		]),
		'',
	];
}

function renderSelfTest(
	{ model, opened, explained, label, missing }: SelfTest,
	{ colours, columns }: Channel,
): string[] {
	const times = `opened in ${formatDuration(opened)}, one text explained by three methods in ${formatDuration(explained)}`;
	return [
		...wrapText(`${model}: ${times}; it says "${label}"`, columns, 2).map(colours.green),
		...Object.entries(missing).flatMap(([method, why]) =>
			wrapText(`${method}: nothing, ${why}`, columns, 2).map(colours.yellow),
		),
	];
}
