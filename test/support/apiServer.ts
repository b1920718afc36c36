/** A server on this machine that says what a test tells it to say to chat requests. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One reply: JSON, or a text as it is; `cut` ends the connection in the middle of it. */
export interface Reply {
	readonly status?: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body: unknown;
	readonly cut?: boolean;
}

/** The body of a chat request, as far as tests look at it. */
export interface AskedBody {
	readonly model: string;
	readonly messages: readonly { readonly role: string; readonly content: string }[];
	readonly max_tokens?: number;
	readonly max_completion_tokens?: number;
	readonly temperature?: number;
	readonly seed?: number;
	readonly top_logprobs?: number;
	readonly response_format?: { readonly json_schema: { readonly schema: { readonly properties: object } } };
}

export interface ApiServer {
	/** Up to and with `/v1`. */
	readonly baseUrl: string;
	readonly asked: AskedBody[];
	readonly authorizations: (string | undefined)[];
	/** The most requests that were under way at one time. */
	readonly atOnce: () => number;
	close(): Promise<void>;
}

/** Returns a running server; `reply` may take its time. */
export async function startApi(reply: (body: AskedBody, count: number) => Reply | Promise<Reply>): Promise<ApiServer> {
	const asked: AskedBody[] = [];
	const authorizations: (string | undefined)[] = [];
	let [now, most] = [0, 0];
	const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		most = Math.max(most, ++now);
		let text = '';
		for await (const chunk of request) text += String(chunk);
		const body = JSON.parse(text) as AskedBody;
		asked.push(body);
		authorizations.push(request.headers.authorization);
		const { status = 200, headers = {}, body: said, cut } = await reply(body, asked.length - 1);
		now -= 1;
		const written = typeof said === 'string' ? said : JSON.stringify(said);
		response.writeHead(status, { 'content-type': 'application/json', ...headers });
		if (cut === true) response.write(written.slice(0, written.length / 2), () => response.socket?.end());
		else response.end(written);
	};
	const server = createServer((request, response) => void handle(request, response));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		asked,
		authorizations,
		atOnce: () => most,
		baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/** Returns a chat completion that says a text; `top` are the most probable tokens at each place. */
export function saying(content: string, top: readonly Readonly<Record<string, number>>[] = [], more = {}): Reply {
	const tokens = top.map((probabilities) => {
		const listed = Object.entries(probabilities).map(([token, p]) => ({ token, logprob: Math.log(p) }));
		return { ...listed[0], top_logprobs: listed };
	});
	return {
		body: {
			object: 'chat.completion',
			choices: [
				{
					message: { role: 'assistant', content },
					finish_reason: 'stop',
					logprobs: top.length === 0 ? null : { content: tokens },
					...more,
				},
			],
			usage: { prompt_tokens: 10, completion_tokens: 2 },
		},
	};
}

/** Returns an error in the form of OpenAI. */
export function refusing(
	status: number,
	message: string,
	more: { param?: string; code?: string; headers?: Record<string, string> } = {},
): Reply {
	const { headers = {}, ...rest } = more;
	return { status, headers, body: { error: { message, type: 'invalid_request_error', ...rest } } };
}
