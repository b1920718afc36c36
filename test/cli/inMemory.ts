/** The command line with streams in memory and a fake model. */
import { runCli, type Surroundings } from '../../src/cli/runCli.ts';
import { fakeSource } from '../support/smallStudy.ts';
import type { FakeModel, FakeModelOptions } from '../../src/testing/fakeModel.ts';

export interface Options extends Partial<Pick<Surroundings, 'environment' | 'signal' | 'now'>> {
	readonly input?: string;
	readonly isTTY?: boolean;
	readonly columns?: number;
	readonly model?: FakeModelOptions;
}

export interface Outcome {
	readonly code: number;
	readonly out: string;
	readonly notes: string;
	readonly opened: readonly FakeModel[];
}

/** Words that speak for an occupation, and "plain", which speaks for all alike. */
export const occupations: FakeModelOptions = {
	weights: { scalpel: { surgeon: 4 }, ward: { nurse: 3 }, teeth: { dentist: 2 } },
};

/** Runs a command and returns all it wrote. */
export async function runInMemory(argv: readonly string[], options: Options = {}): Promise<Outcome> {
	const { input = '', isTTY = false, columns = 80, environment = {}, model = occupations, now } = options;
	const opened: FakeModel[] = [];
	const written = { out: '', notes: '' };
	const stream = (name: 'out' | 'notes') => ({ isTTY, columns, write: (text: string) => (written[name] += text) });
	const code = await runCli(argv, {
		stdin: chunks(input),
		stdout: stream('out'),
		stderr: stream('notes'),
		environment,
		signal: options.signal ?? new AbortController().signal,
		models: fakeSource(model, opened),
		...(now === undefined ? {} : { now }),
	});
	return { code, ...written, opened };
}

/** Runs a command with the models of this machine and an environment of its own. */
export async function runHere(
	argv: readonly string[],
	environment: Surroundings['environment'],
	signal = new AbortController().signal,
): Promise<Omit<Outcome, 'opened'>> {
	const written = { out: '', notes: '' };
	const stream = (name: 'out' | 'notes') => ({ columns: 80, write: (text: string) => (written[name] += text) });
	const streams = { stdin: chunks(''), stdout: stream('out'), stderr: stream('notes') };
	const code = await runCli(argv, { ...streams, environment, signal });
	return { code, ...written };
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
	const bytes = new TextEncoder().encode(text);
	for (let start = 0; start < bytes.length; start += 3) yield bytes.subarray(start, start + 3);
}
