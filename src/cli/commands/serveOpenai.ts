/** `rationale serve-openai`: our engine behind the protocol that others speak. */
import { type Command, InvalidArgumentError } from 'commander';
import { type Session, withModel } from '../session.ts';

interface Options {
	readonly host: string;
	readonly port: number;
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
		.option('--host <address>', 'where to listen; 0.0.0.0 lets other machines in', '127.0.0.1')
		.option('-p, --port <port>', 'the port; 0 for any free one', portNumber, 8080)
		.addHelpText('after', more)
		.action((model: string, options: Options) => serveCommand(session, model, options));
}

async function serveCommand(session: Session, name: string, { host, port }: Options): Promise<void> {
	const [{ openAiApp }, { listen }] = await Promise.all([
		import('../../server/openai/app.ts'),
		import('../../server/openai/serve.ts'),
	]);
	const { environment, signal, terminal } = session;
	const apiKey = environment['RATIONALE_API_KEY'] || null;
	await withModel(session, { id: name }, async (model) => {
		const onFailure = (error: unknown): void =>
			terminal.notes.lines([
				terminal.notes.colours.red(error instanceof Error ? (error.stack ?? error.message) : String(error)),
			]);
		const server = await listen(
			openAiApp({ model, apiKey, now: () => Math.floor(Date.now() / 1000), onFailure }),
			host,
			port,
		);
		terminal.out.lines([
			`${model.id} at ${server.url}/v1`,
			terminal.out.colours.dim('Stop with Ctrl-C. Point other programs at it with OPENAI_BASE_URL.'),
		]);
		await stopped(signal);
		await server.close();
	});
}

async function stopped(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function portNumber(text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
	throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
}
