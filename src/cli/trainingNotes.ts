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
		onStep: (training, done, total) => progress.update(`training ${titleOf(training)}`, done, total),
		onEpoch: (training, result) => say([describeEpoch(training, result)]),
	};
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
		memory.total > free ? ' That may not fit: make "batch.part" smaller.' : '',
		truncated.length === 0
			? ''
			: truncated.length === 1
				? ' One text is shortened to fit.'
				: ` ${count(truncated.length)} texts are shortened to fit.`,
	];
	return wrapText(parts.join(''), columns);
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
