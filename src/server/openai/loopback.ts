/** Which addresses only this machine can reach, and by which names. */
import { isIPv4 } from 'node:net';

/** Returns whether a server that listens there can be reached from this machine only. */
export function isLoopback(host: string): boolean {
	const name = host.toLowerCase().replace(/^\[(.*)\]$/u, '$1');
	return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

/**
 * Returns whether the `Host` header of a request names this machine. A page of another site whose name was made to point
 * to 127.0.0.1 (DNS rebinding) sends its own name.
 */
export function namesLoopback(header: string | undefined): boolean {
	const [, name] = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/u.exec(header ?? '') ?? [];
	return name !== undefined && isLoopback(name) && (!name.includes(':') || name.startsWith('['));
}
