import { UserError } from '../core/errors.ts';

/** The engine process ended while it worked: killed, or out of memory. It is started again for the next call. */
export class EngineCrash extends UserError {}

/** Returns the error of a process that ended; `work` says what it was asked. */
export function engineCrash(how: string, work: string): EngineCrash {
	const hint = how.startsWith('SIG')
		? 'Often the system has run out of memory: give a limit with --memory, or close other programs.'
		: 'What it said stands above.';
	return new EngineCrash(`The engine process ended (${how}) while it ran ${work}. ${hint}`);
}
