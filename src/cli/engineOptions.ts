/** Options about the engine that every command with a model takes. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
	type DeviceChoice,
	deviceChoices,
	type EngineSettings,
	inGigabytes,
	type PerturbationWeightForm,
	perturbationWeightForms,
	type WeightForm,
	weightForms,
} from '../llm/engineSettings.ts';
import { UserError } from '../core/errors.ts';
import type { ChosenTuning } from '../llm/tuning.ts';
import type { LanguageModel } from '../llm/languageModel.ts';
import { wrapText } from '../terminal/layout.ts';
import type { Channel } from '../terminal/channel.ts';
import { weightsText } from '../terminal/weights.ts';

interface Options {
	readonly memory?: number;
	readonly weights?: WeightForm;
	readonly perturbationWeights?: PerturbationWeightForm;
	readonly device?: DeviceChoice;
}

/** Commands that compute with a model. */
const computing: readonly string[] = ['run', 'finetune', 'explain', 'serve-openai', 'doctor'];

/** Adds the options to the program: they may stand before or after a command that computes; others refuse them. */
export function addEngineOptions(program: Command): void {
	program
		.hook('preAction', (_, command) => refuseUnused(program, command.name()))
		.option('--memory <size>', 'what a model may take, for example 6GB; default: what is free', sizeOf)
		.addOption(
			new Option(
				'--weights <form>',
				'weights as in the file, as float32 (faster), or smaller; fast: blocks of a GGUF file as whole numbers',
			).choices(weightForms),
		)
		.addOption(
			new Option(
				'--perturbation-weights <form>',
				'for predictions on masked texts only: int8 or fast, and the report says how often that decides otherwise',
			).choices(perturbationWeightForms),
		)
		.addOption(
			new Option('--device <device>', 'what computes; auto: what is fastest (measured once), for large models').choices(
				deviceChoices,
			),
		);
}

/** Returns the options of the program that mean something to a command, for its help. */
export function globalOptionsFor(command: Command, program: Command): Option[] {
	const unused = computing.includes(command.name()) ? [] : engineOptions;
	return program.options.filter((option) => !['version', ...unused].includes(option.attributeName()));
}

const engineOptions: readonly string[] = [
	'memory',
	'weights',
	'perturbationWeights',
	'device',
] satisfies (keyof Options)[];

function refuseUnused(program: Command, command: string): void {
	if (computing.includes(command)) return;
	const given = program.options.find(
		(option) =>
			engineOptions.includes(option.attributeName()) && program.getOptionValue(option.attributeName()) !== undefined,
	);
	if (given === undefined) return;
	throw new UserError(
		`${given.long}: \`rationale ${command}\` computes nothing with a model, so it would change nothing. Leave it out.`,
	);
}

/** Returns the settings of a parsed command line. */
export function engineSettingsOf(program: Command, cacheFolder: string): EngineSettings {
	const { memory = null, weights = 'auto', perturbationWeights = 'same', device = 'auto' } = program.opts<Options>();
	return { memory, weights, perturbationWeights, device, cacheFolder, calibrate: true };
}

/** Says what an opened model takes, where that is much or the user asked for something. */
export function noteMemory(notes: Channel, settings: EngineSettings, { id, memory, tuning }: LanguageModel): void {
	if (memory === undefined || tuning === undefined) return;
	const { activations, cache, base, total, budget, maxTokens, recompute } = memory;
	const isDefault = settings.memory === null && settings.weights === 'auto' && settings.device === 'auto';
	if (isDefault && !tuning.measured && total < worthSaying) return;
	const text =
		`${id}: up to ${inGigabytes(total)} of ${inGigabytes(budget)} memory (weights ${weightsText(memory, inGigabytes)}; ` +
		`activations ${inGigabytes(activations)}, cache ${inGigabytes(cache)}, program ${inGigabytes(base)}), ` +
		`${tuningText(tuning, maxTokens)}${recompute ? '; blocks of long texts are computed twice' : ''}`;
	notes.rewriteLine('');
	notes.lines(wrapText(text, notes.columns).map(notes.colours.dim));
}

/** Returns `computed on cpu with 1024 tokens at a time, 512 backward (what was fastest when this machine was measured)`. */
function tuningText({ device, threads, runs, measured }: ChosenTuning, most: number): string {
	const on = threads === null ? device : `${device} in ${threads} threads`;
	const [forward, gradient] = [runs.forward, runs.gradient].map((tokens) => Math.min(tokens, most));
	const why = measured ? ' (what was fastest when this machine was measured)' : '';
	return `computed on ${on} with ${forward} tokens at a time, ${gradient} backward${why}`;
}

/** In bytes. */
const worthSaying = 2e9;

const units: Readonly<Record<string, number>> = {
	'': 1,
	KB: 1e3,
	MB: 1e6,
	GB: 1e9,
	TB: 1e12,
	KIB: 2 ** 10,
	MIB: 2 ** 20,
	GIB: 2 ** 30,
	TIB: 2 ** 40,
};

function sizeOf(text: string): number {
	const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/iu.exec(text.trim()) ?? [];
	const factor = units[(unit ?? '-').toUpperCase()];
	const bytes = Number(number) * (factor ?? Number.NaN);
	if (bytes >= 1e6) return bytes;
	throw new InvalidArgumentError('Give a size of at least 1MB, such as 6GB or 800MB.');
}
