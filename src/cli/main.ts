/** The command line of this process: its streams, its environment, its signals. */
import { exitCodes } from './exitCodes.ts';
import { runCli } from './runCli.ts';

/** Runs the command this process was started for and sets its exit code. */
export async function main(): Promise<void> {
	leaveQuietlyWhenNobodyReads();
	const { stdin, stdout, stderr, env, argv } = process;
	const signal = stopSignal();
	process.exitCode = await runCli(argv.slice(2), { stdin, stdout, stderr, environment: env, signal });
	stdin.destroy();
	// A process that winds up by itself takes its handlers away first, and another Ctrl-C would end it by the signal.
	if (process.exitCode === exitCodes.interrupted) process.exit();
}

/** Returns a signal that Ctrl-C or an end request aborts; the second one ends the process at once. */
function stopSignal(): AbortSignal {
	const controller = new AbortController();
	const stop = (): void => {
		if (controller.signal.aborted) process.exit(exitCodes.interrupted);
		process.stderr.write('\nStopping… (Ctrl-C again: at once)\n');
		controller.abort();
		process.stdin.destroy();
	};
	process.on('SIGINT', stop).on('SIGTERM', stop);
	return controller.signal;
}

/** `rationale methods | head -1` is no error. */
function leaveQuietlyWhenNobodyReads(): void {
	process.stdout.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code !== 'EPIPE') throw error;
		process.exit(exitCodes.done);
	});
}
