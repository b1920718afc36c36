/**
 * The scalar t whose gradient explains a prediction, as a linear combination of next-token logits z (docs/methods.md 1.1).
 * Only the first token of each label enters: z_c stands for the logit of the first token of label c.
 */
import { InternalError, UserError } from '../core/errors.ts';
import type { Target, TokenIds } from '../llm/languageModel.ts';

interface TargetRule {
	readonly title: string;
	readonly formula: string;
	/** Returns the weight of every label [C] from the labels' log-probabilities [C] and the explained label. */
	weights(logProbabilities: readonly number[], explained: number): number[];
}

/**
 * All targets by id. `logodds_labels` is linearised: its gradient is that of z_c - sum_f softmax(z without c)_f z_f
 * with the softmax held constant. With two labels `diff` and `logodds_labels` are the same.
 */
export const targets = {
	diff: {
		title: 'logit difference',
		formula: 'z_c - z_f, f the most probable other label (Yin & Neubig 2022)',
		weights: (logProbabilities, explained) => {
			const others = withoutLabel(logProbabilities, explained);
			const foil = others.indexOf(Math.max(...others));
			return others.map((_, label) => (label === explained ? 1 : label === foil ? -1 : 0));
		},
	},
	logodds_labels: {
		title: 'log-odds among the labels',
		formula: 'z_c - log sum_{f != c} exp z_f',
		weights: (logProbabilities, explained) => {
			const others = softmax(withoutLabel(logProbabilities, explained));
			return others.map((share, label) => (label === explained ? 1 : -share));
		},
	},
	logit: {
		title: 'logit',
		formula: 'z_c',
		weights: (logProbabilities, explained) => logProbabilities.map((_, label) => (label === explained ? 1 : 0)),
	},
} as const satisfies Readonly<Record<string, TargetRule>>;

export type TargetId = keyof typeof targets;

/** What gradients explain, where it is more than the kind of target. */
export interface TargetChoice {
	/** Null for the default of the number of labels. */
	readonly kind: TargetId | null;
	/** The label that `diff` contrasts with; null for the most probable other one. */
	readonly foil: string | null;
	/** Whose label is explained. */
	readonly of: 'predicted' | 'gold';
}

/** One label as the model answers it: its name and the tokens of its verbalizer in context. */
export interface LabelTokens {
	readonly label: string;
	readonly tokens: TokenIds;
}

/** Returns the target for a number of labels when none is asked for. */
export function defaultTarget(labelCount: number): TargetId {
	return labelCount === 2 ? 'diff' : 'logodds_labels';
}

/**
 * Returns the target that explains label number `explained`, labels with weight 0 left out; `logProbabilities` [C]. With
 * a `foil` it is z_c - z_f for that label f, whatever the id.
 * Throws a UserError where there is nothing to contrast with: one label only, or two that begin with the same token.
 */
export function targetOf(
	id: TargetId,
	labels: readonly LabelTokens[],
	logProbabilities: readonly number[],
	explained: number,
	foil: number | null = null,
): Target {
	if (id !== 'logit') requireContrast(id, labels);
	if (logProbabilities.length !== labels.length || !logProbabilities.every(Number.isFinite))
		throw new InternalError(
			`target ${id} from log-probabilities [${logProbabilities.join(', ')}] of ${labels.length} labels`,
		);
	const weights = foil === null ? targets[id].weights(logProbabilities, explained) : contrast(labels, explained, foil);
	const terms = labels.flatMap((label, i) =>
		weights[i] === 0 ? [] : [{ token: firstToken(label), weight: weights[i] ?? 0 }],
	);
	return { tokens: terms.map((term) => term.token), weights: terms.map((term) => term.weight) };
}

function contrast(labels: readonly LabelTokens[], explained: number, foil: number): number[] {
	return labels.map((_, label) => (label === explained ? 1 : label === foil ? -1 : 0));
}

function requireContrast(id: TargetId, labels: readonly LabelTokens[]): void {
	if (labels.length < 2)
		throw new UserError(`target "${id}" needs at least two labels, got ${labels.length}. Use "logit".`);
	for (const [i, label] of labels.entries()) {
		const twin = labels.slice(0, i).find((other) => firstToken(other) === firstToken(label));
		if (twin === undefined) continue;
		throw new UserError(
			`target "${id}": the answers for the labels "${twin.label}" and "${label.label}" begin with the same token ` +
				`(${firstToken(label)}), so their first-token logits cannot be told apart. Choose other verbalizers.`,
		);
	}
}

function firstToken({ label, tokens }: LabelTokens): number {
	const [first] = tokens;
	if (first === undefined)
		throw new UserError(`label "${label}": its verbalizer has no token. Choose another verbalizer.`);
	return first;
}

/** Returns the log-probabilities with minus infinity for the explained label. */
function withoutLabel(logProbabilities: readonly number[], explained: number): number[] {
	return logProbabilities.map((value, label) => (label === explained ? -Infinity : value));
}

function softmax(values: readonly number[]): number[] {
	const largest = Math.max(...values);
	const powers = values.map((value) => Math.exp(value - largest));
	const sum = powers.reduce((total, power) => total + power, 0);
	return powers.map((power) => power / sum);
}
