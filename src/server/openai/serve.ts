/** The application on a port. */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { messageOf, UserError } from '../../core/errors.ts';

/** In milliseconds. */
const lastMoment = 500;

export interface RunningServer {
	/** `http://127.0.0.1:8080`. */
	readonly url: string;
	/** Ends connections under way, after a moment in which what is being written can be finished. */
	close(): Promise<void>;
}

/**
 * Returns once the server listens; port 0 takes any free one. `onRequest` is told of every request.
 * Throws `UserError` for a port or address that cannot be had.
 */
export async function listen(
	app: Pick<Parameters<typeof serve>[0], 'fetch'>,
	host: string,
	port: number,
	onRequest: () => void = () => undefined,
): Promise<RunningServer> {
	return await new Promise((resolve, reject) => {
		const server = serve({ fetch: app.fetch, hostname: host, port }, ({ address, port: found }: AddressInfo) => {
			const shown = address.includes(':') ? `[${address}]` : address;
			resolve({ url: `http://${shown}:${found}`, close });
		});
		const close = async (): Promise<void> => {
			const end = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), lastMoment);
			// It ends idle connections itself.
			await new Promise((done) => server.close(done));
			clearTimeout(end);
		};
		server.on('request', onRequest);
		server.on('error', (error: unknown) =>
			reject(
				new UserError(`${host}:${port}: cannot listen there (${messageOf(error)}). Choose another --port or --host.`),
			),
		);
	});
}
