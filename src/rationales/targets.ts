/**
 * The scalar t whose gradient explains a prediction, as a linear combination of next-token logits z (docs/methods.md 1.1).
 * z_c stands for the logit of the first token at which label c parts from the labels it is compared with, or log sum exp of those
 * of its spellings; what they have in common before it is taken as answered already.
 */
import { InternalError, UserError } from '../core/errors.ts';
import { itemAt, zip } from '../core/present.ts';
import { firstTokensTellApart } from '../llm/labelAnswers.ts';
import type { Target, TokenIds } from '../llm/languageModel.ts';

interface TargetRule {
	readonly title: string;
	readonly formula: string;
	/** Returns the weight of every label [C] from the labels' log-probabilities [C] and the explained label. */
	weights(logProbabilities: readonly number[], explained: number): number[];
}

/**
 * All targets by id; p~ is renormalised over the labels. Those that are not linear in z are linearised at the full text:
 * their gradient there is exact, with p~ held constant. With two labels `diff` and `logodds_labels` are the same, and all
 * but `logit` put words in the same order by every method of one pass.
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
	log_probability: {
		title: 'log-probability among the labels',
		formula: 'log p~_c = z_c - log sum_f exp z_f',
		weights: logShareWeights,
	},
	probability: {
		title: 'probability among the labels',
		formula: 'p~_c = exp z_c / sum_f exp z_f',
		weights: (logProbabilities, explained) => {
			const share = itemAt(softmax(logProbabilities), explained);
			return logShareWeights(logProbabilities, explained).map((weight) => share * weight);
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

/** A text with which a model may begin its answer for a label, and its tokens in context. */
export interface Spelling {
	readonly text: string;
	readonly tokens: TokenIds;
}

/** One label as the model answers it: its name and the tokens of its verbalizer in context. */
export interface LabelTokens {
	readonly label: string;
	readonly tokens: TokenIds;
	/** All spellings that count, the verbalizer's own first; it alone where left out. */
	readonly spellings?: readonly Spelling[];
}

/** What stands for the labels [A], label by label, and the number of the label of each. */
export interface LabelAnswers {
	readonly answers: readonly TokenIds[];
	readonly labelOf: readonly number[];
}

/** Returns what a model may answer for the labels. */
export function answersFor(labels: readonly LabelTokens[]): LabelAnswers {
	const ofLabels = labels.map(answersOf);
	return { answers: ofLabels.flat(), labelOf: ofLabels.flatMap((own, label) => own.map(() => label)) };
}

function answersOf({ tokens, spellings }: LabelTokens): readonly TokenIds[] {
	return spellings?.map((spelling) => spelling.tokens) ?? [tokens];
}

/** Returns the target for a number of labels when none is asked for. */
export function defaultTarget(labelCount: number): TargetId {
	return labelCount === 2 ? 'diff' : 'logodds_labels';
}

/** A target and the tokens of the answer that stand between the prompt and it. */
export interface AnswerTarget extends Target {
	/** What the labels have in common before they part; empty where their first tokens differ. */
	readonly after: TokenIds;
}

/** What a model says of the labels of one text. */
export interface SaidOfLabels {
	/** [C]. */
	readonly logProbabilities: readonly number[];
	/** Of what may be answered for them [A]; where left out, the answers for a label count alike. */
	readonly answers?: readonly number[];
}

/**
 * Returns the target that explains label number `explained`, other labels with weight 0 left out. With a `foil` it is z_c - z_f
 * for that label f, whatever the id. A label of several spellings s has z_c = log sum_s exp z_s over those that go on from the
 * same beginning as the explained label's most probable one (where the labels' own first tokens differ, from none), linearised
 * at the full text: each has its share of the weight, and what follows its token there is held constant.
 * Labels that go on with the same token share a term.
 * Throws a UserError where there is nothing to contrast with: one label only, one that begins with the whole of another,
 * or labels that part from the explained one at different places.
 */
export function targetOf(
	id: TargetId,
	labels: readonly LabelTokens[],
	said: SaidOfLabels,
	explained: number,
	foil: number | null = null,
): AnswerTarget {
	const { logProbabilities } = said;
	if (id !== 'logit' && labels.length < 2)
		throw new UserError(`target "${id}" needs at least two labels, got ${labels.length}. Use "logit".`);
	if (logProbabilities.length !== labels.length || !logProbabilities.every(Number.isFinite))
		throw new InternalError(
			`target ${id} from log-probabilities [${logProbabilities.join(', ')}] of ${labels.length} labels`,
		);
	const weights = foil === null ? targets[id].weights(logProbabilities, explained) : contrast(labels, explained, foil);
	const spelled = spelledLabels(labels, said.answers);
	const own = mostProbable(itemAt(spelled, explained));
	const isRival = (i: number): boolean => i !== explained && (id === 'logit' || weights[i] !== 0);
	const exact = labels.map(({ tokens }) => tokens);
	const place = firstTokensTellApart(exact, [...exact.keys()])
		? 0
		: partingPlace(
				id,
				own,
				spelled.filter((_, i) => isRival(i)),
			);
	const after = own.tokens.slice(0, place);
	const terms = new Map<number, number>();
	for (const [i, [label, weight]] of zip(spelled, weights).entries()) {
		if (weight === 0 && i !== explained) continue;
		for (const { token, share } of tokensAfter(label, after)) {
			terms.set(token, (terms.get(token) ?? 0) + weight * share);
		}
	}
	return { tokens: [...terms.keys()], weights: [...terms.values()], after };
}

/** A label with what may be answered for it. */
interface SpelledLabel {
	readonly label: string;
	readonly answers: readonly { readonly tokens: TokenIds; readonly logProbability: number }[];
}

function spelledLabels(labels: readonly LabelTokens[], said: readonly number[] | undefined): SpelledLabel[] {
	let next = 0;
	return labels.map((label) => ({
		label: label.label,
		answers: answersOf(label).map((tokens) => ({ tokens, logProbability: said?.[next++] ?? 0 })),
	}));
}

function mostProbable({ label, answers }: SpelledLabel): LabelTokens {
	const largest = Math.max(...answers.map(({ logProbability }) => logProbability));
	return {
		label,
		tokens: itemAt(
			answers.filter(({ logProbability }) => logProbability === largest),
			0,
		).tokens,
	};
}

/** Returns the tokens with which the label's answers go on after a beginning, with shares of sum 1. */
function tokensAfter({ label, answers }: SpelledLabel, beginning: TokenIds): { token: number; share: number }[] {
	const going = answers.filter(({ tokens }) => commonBeginning(beginning, tokens) === beginning.length);
	const shares = softmax(going.map(({ logProbability }) => logProbability));
	return zip(going, shares).map(([{ tokens }, share]) => ({
		token: tokenAt({ label, tokens }, beginning.length),
		share,
	}));
}

function contrast(labels: readonly LabelTokens[], explained: number, foil: number): number[] {
	return labels.map((_, label) => (label === explained ? 1 : label === foil ? -1 : 0));
}

/** Returns how many tokens a label shares with each of its rivals; for a single logit, with the one most like it. */
function partingPlace(id: TargetId, own: LabelTokens, rivals: readonly SpelledLabel[]): number {
	const shared = rivals.map(({ answers }) =>
		Math.max(0, ...answers.map(({ tokens }) => commonBeginning(own.tokens, tokens))),
	);
	const place = Math.max(0, ...shared);
	const early = rivals[shared.findIndex((length) => length < place)];
	if (id === 'logit' || early === undefined) return place;
	const late = rivals[shared.indexOf(place)];
	throw new UserError(
		`target "${id}": the answer for the label "${own.label}" parts from "${early.label}" earlier than from ` +
			`"${late?.label}", so no single token decides among all labels. Use "diff", or other verbalizers.`,
	);
}

function commonBeginning(a: TokenIds, b: TokenIds): number {
	const differs = a.findIndex((token, i) => token !== b[i]);
	return differs < 0 ? a.length : differs;
}

function tokenAt({ label, tokens }: LabelTokens, place: number): number {
	const token = tokens[place];
	if (token !== undefined) return token;
	throw new UserError(
		place === 0
			? `label "${label}": its verbalizer has no token. Choose another verbalizer.`
			: `label "${label}": the answer for another label begins with the whole of its own. Choose other verbalizers.`,
	);
}

/** Returns the gradient of log p~_c by the logits: 1 - p~_c for c, -p~_f for every other label. */
function logShareWeights(logProbabilities: readonly number[], explained: number): number[] {
	return softmax(logProbabilities).map((share, label) => (label === explained ? 1 - share : -share));
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
