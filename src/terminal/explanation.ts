/** A text's explanation for the terminal: the prediction, then a block per method. */
import { itemAt } from '../core/present.ts';
import { maskings } from '../rationales/masking.ts';
import { doubtOf } from '../report/doubt.ts';
import { checkedPrecisionText, formatDiagnostic } from '../report/numbers.ts';
import { renderHighlighted } from './highlight.ts';
import { formatShare, wrapPieces, wrapText } from './layout.ts';
import { MOST_SHOWN_WHOLE, renderMethodTable } from './methodTable.ts';
import { bareWord, shortened } from './words.ts';
import { renderAgreement } from './agreement.ts';
import type { Channel } from './channel.ts';
import { noColours } from './colours.ts';
import { wordSpans } from '../report/wordSpans.ts';
import { printable } from '../core/printable.ts';
import type { LabelPrediction, MethodExplanation, TextExplanation, Agreement } from '../records/explanation.ts';

const INDENT = '  ';
const LONGEST_ANSWER = 200;

export interface ExplanationDisplay {
	/** Whether what the model thought is printed, not only counted. */
	readonly showsThought: boolean;
}

/** Returns the explanation in lines that fit the channel; what explains a doubtful answer is dimmed. */
export function renderExplanation(
	explanation: TextExplanation,
	agreement: Agreement,
	channel: Channel,
	{ showsThought }: ExplanationDisplay = { showsThought: false },
): string[] {
	const doubt = doubtOf(explanation);
	const shown = doubt === null ? channel : { ...channel, colours: noColours };
	const agreed = renderAgreement(agreement, explanation.words, shown);
	const found = [
		...renderMethods(explanation, shown),
		...(agreed.length === 0 ? [] : ['', ...agreed]),
		'',
		...renderLegend(explanation, shown),
	];
	return [
		...renderPrediction(explanation, channel),
		...renderThought(explanation, showsThought, channel),
		...(doubt === null
			? found
			: [...wrapText(doubt, channel.columns).map(channel.colours.yellow), ...found.map(dimmed(channel))]),
		...renderPrecision(explanation, channel),
	];
}

function dimmed({ colours }: Channel): (line: string) => string {
	return (line) => (line === '' ? line : colours.dim(line));
}

function renderMethods(explanation: TextExplanation, channel: Channel): string[] {
	const { methods } = explanation;
	if (methods.length > MOST_SHOWN_WHOLE) return renderMethodTable(explanation, channel);
	return methods.flatMap((method) => ['', ...renderMethod(explanation, method, channel)]);
}

function renderPrediction({ model, task, prediction }: TextExplanation, { colours, columns }: Channel): string[] {
	const { bold, dim } = colours;
	const others = ranked(prediction).slice(1);
	const rest = others.map(([label, share]) => dim(`${printable(label)}\u00A0${formatShare(share)}`));
	return [
		dim(`${model.id}, task ${task}`),
		...wrapPieces([bold(shown(prediction)), ...rest.map((text) => `${INDENT}${text}`)], columns),
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

/** Stands before a word that follows the one before it without a space; it takes no column, and no text keeps one. */
const GLUE = '\u2060';

/** Every piece of the marked text is one word: words hold no spaces. Lines may end between words that no space parts. */
function renderText(explanation: TextExplanation, method: MethodExplanation, channel: Channel): string[] {
	const { words, segments } = explanation;
	const texts = words.map(({ text }) => printable(text));
	const marked = renderHighlighted(texts, method, { colours: channel.colours }).split(' ');
	const isGlued = wordSpans(explanation).flatMap((spans) => spans.map(({ start }, i) => start === spans[i - 1]?.end));
	return segments.flatMap(({ name }, segment) => {
		const own = marked
			.map((piece, word) => (isGlued[word] === true ? GLUE + piece : piece))
			.filter((_, word) => words[word]?.segment === segment);
		const title = segments.length === 1 ? [] : [channel.colours.dim(`${name}:`)];
		return wrapPieces([...title, ...own], channel.columns - INDENT.length).map(
			(line) => INDENT + line.replaceAll(` ${GLUE}`, '').replaceAll(GLUE, ''),
		);
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
	const raw = answer.raw.trim() === '' ? '(empty)' : shortened(answer.raw.trim(), LONGEST_ANSWER);
	return [`answer: ${raw}`, problems.join('; ')].flatMap((text) =>
		wrapText(printable(text.replaceAll(/\s+/gu, ' ')), columns, INDENT.length).map(colours.yellow),
	);
}

function renderChoice({ words }: TextExplanation, { chosen, ties }: MethodExplanation, channel: Channel): string[] {
	const listed = chosen.map((word) => bareWord(printable(itemAt(words, word).text))).join(', ');
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

function renderLegend({ masking, methods }: TextExplanation, { colours, columns }: Channel): string[] {
	const marks = colours.isColorSupported
		? 'Underlined: chosen. Yellow: the higher its score, the stronger; blue: evidence against. '
		: '[word]: chosen. ';
	const shownMarks = methods.length > MOST_SHOWN_WHOLE ? '' : marks;
	return wrapText(`${shownMarks}Masking "${masking}": ${maskings[masking].title}.`, columns).map(colours.dim);
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

function ranked({ probabilities }: LabelPrediction): [string, number][] {
	return Object.entries(probabilities).toSorted(([, a], [, b]) => b - a);
}
