/** Options of library calls, checked where they come in. */
import type { z } from 'zod';
import { parseChecked } from '../files/checkedYaml.ts';

/**
 * Returns the options with their defaults.
 * @throws UserError that names the call and every option it does not know or whose value does not fit.
 */
export function checkedOptions<T>(schema: z.ZodType<T>, options: unknown, call: string): T {
	return parseChecked(schema, options, call);
}
