/** A text's explanation for the terminal: the prediction, then a block per method. */
import { maskings } from '../rationales/masking.ts';
import { checkedPrecisionText, formatDiagnostic } from '../report/numbers.ts';
import { renderHighlighted } from './highlight.ts';
import { formatShare, wrapPieces, wrapText } from './layout.ts';
import { renderAgreement } from './agreement.ts';
import type { Channel } from './channel.ts';
import { printable } from '../core/printable.ts';
import type { LabelPrediction, MethodExplanation, TextExplanation, Agreement } from '../records/explanation.ts';

const INDENT = '  ';
const LONGEST_ANSWER = 200;
/** With less of the probability on its labels, a model would rather have said something else. */
const SMALL_MASS = 0.5;

export interface ExplanationDisplay {
	/** Whether what the model thought is printed, not only counted. */
	readonly showsThought: boolean;
}

/** Returns the explanation in lines that fit the channel. */
export function renderExplanation(
	explanation: TextExplanation,
	agreement: Agreement,
	channel: Channel,
	{ showsThought }: ExplanationDisplay = { showsThought: false },
): string[] {
	const agreed = renderAgreement(agreement, explanation.words, channel);
	return [
		...renderPrediction(explanation, channel),
		...renderThought(explanation, showsThought, channel),
		...explanation.methods.flatMap((method) => ['', ...renderMethod(explanation, method, channel)]),
		...(agreed.length === 0 ? [] : ['', ...agreed]),
		'',
		...renderLegend(explanation, channel),
		...renderPrecision(explanation, channel),
	];
}

function renderPrediction({ model, task, prediction }: TextExplanation, { colours, columns }: Channel): string[] {
	const { bold, dim, yellow } = colours;
	const others = ranked(prediction).slice(1);
	const rest = others.map(([label, share]) => dim(`${printable(label)}\u00A0${formatShare(share)}`));
	return [
		dim(`${model.id}, task ${task}`),
		...wrapPieces([bold(shown(prediction)), ...rest.map((text) => `${INDENT}${text}`)], columns),
		...(prediction.mass === null || prediction.mass >= SMALL_MASS
			? []
			: wrapText(
					`Only ${formatShare(prediction.mass)} of the probability is on these labels: the model would rather answer something else, so read its choice, and what explains it, with care.`,
					columns,
				).map(yellow)),
	];
}

/** What a model writes may hold anything: controls are shown, line feeds kept. */
function renderThought({ thought }: TextExplanation, isShown: boolean, { colours, columns }: Channel): string[] {
	if (thought === null) return [];
	const count = thought.split(/\s+/u).filter((word) => word !== '').length;
	const hint = isShown ? ':' : '; --show-thought prints it.';
	return [
		`It thought first, in ${count} ${count === 1 ? 'word' : 'words'}${hint}`,
		...(isShown ? thought.split('\n').flatMap((line) => wrapText(printable(line), columns, INDENT.length)) : []),
	].map(colours.dim);
}

function renderMethod(explanation: TextExplanation, method: MethodExplanation, channel: Channel): string[] {
	const { colours, columns } = channel;
	const head = `${colours.bold(method.title)}  ${colours.dim(method.method)}`;
	if (method.missing !== null) {
		return [head, ...wrapText(`nothing: ${method.missing}`, columns, INDENT.length).map(colours.yellow)];
	}
	return [
		head,
		...renderText(explanation, method, channel),
		...renderAnswer(method, channel),
		...renderChoice(explanation, method, channel),
		...renderVerdict(explanation, method, channel),
		...renderDiagnostics(method, channel),
	];
}

/** Every piece of the marked text is one word: words hold no spaces. */
function renderText(explanation: TextExplanation, method: MethodExplanation, channel: Channel): string[] {
	const { words, segments } = explanation;
	const texts = words.map(({ text }) => printable(text));
	const pieces = renderHighlighted(texts, method, { colours: channel.colours }).split(' ');
	return segments.flatMap(({ name }, segment) => {
		const own = pieces.filter((_, word) => words[word]?.segment === segment);
		const title = segments.length === 1 ? [] : [channel.colours.dim(`${name}:`)];
		return wrapPieces([...title, ...own], channel.columns - INDENT.length).map((line) => INDENT + line);
	});
}

/** Says how an answer was understood where not every item of it is a word of the text. */
function renderAnswer({ answer }: MethodExplanation, { colours, columns }: Channel): string[] {
	if (answer === null || (answer.status === 'ok' && !answer.wrongLength && answer.cutOff !== true)) return [];
	const problems = [
		...(answer.status === 'no_rationale' ? ['it lists no words'] : []),
		...(answer.unmatched.length > 0 ? [`not in the text: ${answer.unmatched.join(', ')}`] : []),
		...(answer.wrongLength ? ['not as many words as asked for'] : []),
		...(answer.cutOff === true ? ['it was cut off at the upper limit of tokens'] : []),
	];
	const raw = answer.raw.trim() === '' ? '(empty)' : shortened(answer.raw.trim());
	return [`answer: ${raw}`, problems.join('; ')].flatMap((text) =>
		wrapText(printable(text.replaceAll(/\s+/gu, ' ')), columns, INDENT.length).map(colours.yellow),
	);
}

function renderChoice({ words }: TextExplanation, { chosen, ties }: MethodExplanation, channel: Channel): string[] {
	const listed = chosen.map((word) => bare(printable(words[word]?.text ?? ''))).join(', ');
	const count = `${chosen.length} of ${words.length} words`;
	const equals = ties === 0 ? '' : ` (${ties} more with the same score as the last)`;
	return wrapText(chosen.length === 0 ? 'no words' : `${count}: ${listed}${equals}`, channel.columns, INDENT.length);
}

function renderVerdict(
	{ prediction, masking }: TextExplanation,
	{ masked, flips }: MethodExplanation,
	{ colours, columns }: Channel,
): string[] {
	if (masked === null) return [];
	const left = masked.probabilities[prediction.label];
	const now = left === undefined ? '' : ` (${prediction.label} ${formatShare(left)})`;
	const text = flips === true ? `flips to ${shown(masked)}${now}` : `stays ${shown(masked)}`;
	const colour = flips === true ? colours.green : colours.dim;
	return wrapText(`without them (${masking}): ${printable(text)}`, columns, INDENT.length).map(colour);
}

/** Returns `quadrature nodes 32; completeness error, relative 0.012`. */
function renderDiagnostics({ diagnostics }: MethodExplanation, { colours, columns }: Channel): string[] {
	const parts = diagnostics.map(({ title, value }) => `${title}: ${formatDiagnostic(value)}`);
	return parts.length === 0 ? [] : wrapText(parts.join('; '), columns, INDENT.length).map(colours.dim);
}

function renderLegend({ masking }: TextExplanation, { colours, columns }: Channel): string[] {
	const marks = colours.isColorSupported
		? 'Underlined: chosen. Yellow: the higher its score, the stronger; blue: evidence against.'
		: '[word]: chosen.';
	return wrapText(`${marks} Masking "${masking}": ${maskings[masking].title}.`, columns).map(colours.dim);
}

function renderPrecision({ precisionCheck }: TextExplanation, { columns, colours }: Channel): string[] {
	if (precisionCheck === null) return [];
	return wrapText(checkedPrecisionText(precisionCheck), columns).map(
		precisionCheck.changed === 0 ? colours.dim : colours.yellow,
	);
}

function shown({ label, probabilities }: LabelPrediction): string {
	const share = probabilities[label];
	return share === undefined ? label : `${label} ${formatShare(share)}`;
}

/** Returns a word without the punctuation around it, unless it is nothing else. */
function bare(word: string): string {
	return word.replaceAll(/^\p{P}+|\p{P}+$/gu, '') || word;
}

function shortened(text: string): string {
	return text.length <= LONGEST_ANSWER ? text : `${text.slice(0, LONGEST_ANSWER)}…`;
}

function ranked({ probabilities }: LabelPrediction): [string, number][] {
	return Object.entries(probabilities).toSorted(([, a], [, b]) => b - a);
}
