import { stripVTControlCharacters } from 'node:util';
import { UserError } from '../../core/errors.ts';

/** The engine process ended while it worked: killed, or out of memory. It is started again for the next call. */
export class EngineCrash extends UserError {}

const advice = 'give a limit with --memory, or close other programs.';

/** Returns the error of a process that ended; `work` says what it was asked, `said` what stood on its standard error. */
export function engineCrash(how: string, work: string, said = ''): EngineCrash {
	const hint = how.startsWith('SIG') ? ` Often the system has run out of memory: ${advice}` : '';
	const last = stripVTControlCharacters(said).trim().split('\n').at(-1)?.slice(0, 300);
	return new EngineCrash(
		`The engine process ended (${how}) while it ran ${work}.${hint}${last === '' ? '' : ` The last that it said: ${last}`}`,
	);
}

/** Words of onnxruntime, C++, the system and V8 for memory that was asked for and not given. */
const noMemory = /bad_alloc|bad allocation|(failed to|cannot) allocate memory|allocation failed|out of memory/iu;

/** Returns the error of a process that goes on after it was refused memory, or null where `message` tells of something else. */
export function refusedMemory(message: string, work: string): EngineCrash | null {
	if (!noMemory.test(message)) return null;
	const [reason] = message.split('\n');
	return new EngineCrash(`The engine process got no more memory (${reason}) while it ran ${work}: ${advice}`);
}
