/**
 * Makes the datasets of `examples/real` from files that authors keep in their repositories, in the forms that our readers take:
 *
 *     npx tsx scripts/realData.ts AUTHORS OUT
 *
 * AUTHORS holds a folder a source (which files of which repository: the head of each converter), OUT gets a folder a dataset.
 * Nothing but the form changes; what is left out is counted and printed.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../src/core/errors.ts';
import type { Converter } from './realData/converter.ts';
import { dynaSent } from './realData/dynaSent.ts';
import { eSnli } from './realData/eSnli.ts';
import { fever } from './realData/fever.ts';
import { medicalBios } from './realData/medicalBios.ts';
import { sciFact } from './realData/sciFact.ts';
import { snli } from './realData/snli.ts';

/** By the folder in OUT. */
const converters: Readonly<Record<string, Converter>> = {
	'medical-bios': medicalBios,
	'e-snli': eSnli,
	snli,
	fever,
	scifact: sciFact,
	dynasent: dynaSent,
};

const { positionals } = parseArgs({ allowPositionals: true });
const [authors, out] = positionals;
if (authors === undefined || out === undefined || positionals.length > 2) {
	console.error('usage: npx tsx scripts/realData.ts AUTHORS OUT');
	process.exit(1);
}
for (const [id, { needs, convert }] of Object.entries(converters)) {
	const missing = needs.find((file) => !existsSync(join(authors, file)));
	if (missing !== undefined) {
		console.log(`${id}: left out, ${join(authors, missing)} is not there`);
		continue;
	}
	try {
		for (const line of convert(authors, join(out, id))) console.log(`${id}: ${line}`);
	} catch (error) {
		console.error(`${id}: ${messageOf(error)}`);
		process.exitCode = 1;
	}
}
