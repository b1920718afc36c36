/** `rationale serve-openai`: our engine behind the protocol that others speak. */
import { type Command, InvalidArgumentError } from 'commander';
import { UserError } from '../../core/errors.ts';
import { type Session, withModel } from '../session.ts';

interface Options {
	readonly host: string;
	readonly port: number;
	readonly queue: number;
	readonly withoutKey?: true;
}

const more = `
Environment:
  RATIONALE_API_KEY   when set, clients must send it as their key

Examples:
  rationale serve-openai tiny-instruct --port 8080
  OPENAI_BASE_URL=http://127.0.0.1:8080/v1 \\
    rationale explain --model openai:tiny-instruct "He runs a practice."`;

/** Adds the command. */
export function addServeOpenai(program: Command, session: Session): void {
	program
		.command('serve-openai')
		.summary('serve a model to programs that speak the OpenAI protocol')
		.description(
			'Serves chat and completions with log-probabilities, streaming, stop texts and seeded sampling, until it is ' +
				'stopped (Ctrl-C). What is not supported is refused by name.',
		)
		.argument(
			'<model>',
			'a bundled model (rationale models), a folder, a GGUF file, or a model of the hub (rationale pull)',
		)
		.option('--host <address>', 'where to listen; 0.0.0.0 lets other machines in, which needs a key', '127.0.0.1')
		.option('-p, --port <port>', 'the port; 0 for any free one', upTo(65_535), 8080)
		.option('--queue <count>', 'most requests that wait; further ones get status 429', upTo(1_000_000), 100)
		.option('--without-key', 'let anybody ask who can reach the address')
		.addHelpText('after', more)
		.action((model: string, options: Options) => serveCommand(session, model, options));
}

async function serveCommand(session: Session, name: string, options: Options): Promise<void> {
	const { environment, signal, terminal } = session;
	const { notes, out } = terminal;
	const { host, port, queue } = options;
	const [{ openAiApp }, { listen }, { isLoopback }] = await Promise.all([
		import('../../server/openai/app.ts'),
		import('../../server/openai/serve.ts'),
		import('../../server/openai/loopback.ts'),
	]);
	const apiKey = environment['RATIONALE_API_KEY'] || null;
	const isOpenToOthers = apiKey === null && !isLoopback(host);
	if (isOpenToOthers && options.withoutKey !== true) throw needsKey(host);
	await withModel(session, { id: name }, async (model) => {
		const onFailure = (error: unknown): void =>
			notes.lines([notes.colours.red(error instanceof Error ? (error.stack ?? error.message) : String(error))]);
		const app = openAiApp({ model, host, apiKey, mostWaiting: queue, now: Date.now, stopping: signal, onFailure });
		const server = await listen(app, host, port);
		if (isOpenToOthers) {
			notes.lines([notes.colours.yellow(`No key is asked for: whoever reaches ${host}:${port} can use this model.`)]);
		}
		out.lines([
			`${model.id} at ${server.url}/v1`,
			out.colours.dim('Stop with Ctrl-C. Point other programs at it with OPENAI_BASE_URL.'),
		]);
		await stopped(signal);
		await server.close();
	});
}

function needsKey(host: string): UserError {
	return new UserError(
		`--host ${host}: other machines could use the model without a key. Set RATIONALE_API_KEY to a key that clients then ` +
			'send, or say --without-key where everybody who can reach this address may ask.',
	);
}

async function stopped(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function upTo(most: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (Number.isInteger(value) && value >= 0 && value <= most) return value;
		throw new InvalidArgumentError(`It must be a whole number from 0 to ${most}.`);
	};
}
