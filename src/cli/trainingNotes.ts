/** What is said before and while a model is trained. */
import { basename } from 'node:path';
import type { Training, TrainingEvents } from '../study/run/finetuneStudy.ts';
import type { TrainingEstimate } from '../training/trainingEstimate.ts';
import type { EpochResult } from '../training/loop.ts';
import { formatBytes, formatDuration, formatShare, wrapText } from '../terminal/layout.ts';
import type { Progress } from '../terminal/progress.ts';
import type { Channel } from '../terminal/channel.ts';

/** Returns events that show plan, progress and the result of every epoch on a channel; `null` shows nothing. */
export function trainingNotes(
	channel: Channel | null,
	progress: Progress,
	free: () => number,
): Omit<TrainingEvents, 'signal'> {
	const say = (lines: readonly string[]): void => {
		progress.finish();
		channel?.lines(lines);
	};
	return {
		onPlan: (training, plan) => say(describePlan(training, plan, channel?.columns ?? 80, free())),
		onStep: (training, done, total) => {
			const steps = stepsOfAll(training, done, total);
			progress.update(`training ${titleOf(training)}`, steps.done, steps.total);
		},
		onEpoch: (training, result) => say([describeEpoch(training, result)]),
	};
}

/** Returns the steps of all trainings of the study, so that the time left covers those to come: about as many a text. */
function stepsOfAll({ part: { start, end } }: Training, done: number, total: number): { done: number; total: number } {
	const all = total / (end - start);
	return { done: Math.round(start * all + done), total: Math.round(all) };
}

function titleOf({ model, datasets }: Training): string {
	return `${basename(model)} on ${datasets.join(', ')}`;
}

function describePlan(training: Training, plan: TrainingEstimate, columns: number, free: number): string[] {
	const { sequences, validation, truncated, trainedParameters, steps, stepsDone, memory, milliseconds } = plan;
	const count = (number: number): string => number.toLocaleString('en-US');
	const parts = [
		`Training ${titleOf(training)}: ${count(sequences)} examples and ${count(validation)} held out, ${count(trainedParameters)} trained parameters, ${count(steps)} steps`,
		stepsDone === 0 ? '.' : `, of which ${count(stepsDone)} are done.`,
		` About ${formatDuration(milliseconds)} for the steps and ${formatBytes(memory.total)} of memory`,
		` (results between layers ${formatBytes(memory.intermediate)}; ${formatBytes(free)} are free).`,
		toCome(training, plan),
		memory.total > free ? ' That may not fit: make "batch.part" smaller.' : '',
		truncated.length === 0
			? ''
			: truncated.length === 1
				? ' One text is shortened to fit.'
				: ` ${count(truncated.length)} texts are shortened to fit.`,
	];
	return wrapText(parts.join(''), columns);
}

function toCome({ part: { start, end } }: Training, { steps, stepsDone, milliseconds }: TrainingEstimate): string {
	if (end >= 1 || stepsDone >= steps) return '';
	const whole = (milliseconds * steps) / (steps - stepsDone);
	return ` The trainings after it take about ${formatDuration((whole * (1 - end)) / (end - start))}.`;
}

function describeEpoch(training: Training, result: EpochResult): string {
	const { epoch, loss, validationLoss, validationAccuracy } = result;
	const parts = [
		loss === null ? null : `loss ${loss.toFixed(3)}`,
		validationLoss === null ? null : `held out: loss ${validationLoss.toFixed(3)}`,
		validationAccuracy === null ? null : `accuracy ${formatShare(validationAccuracy)}`,
	];
	return `${titleOf(training)}, epoch ${epoch}: ${parts.filter((part) => part !== null).join(', ') || 'before training'}`;
}
